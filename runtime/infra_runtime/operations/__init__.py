"""Operations: generators that yield effects; one module per family, imported at its first call."""
