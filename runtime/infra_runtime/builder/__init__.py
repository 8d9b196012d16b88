"""The query builder: queries put together step by step, which end in the operations that repositories make."""
