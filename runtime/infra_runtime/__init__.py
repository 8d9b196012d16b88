"""What generated code calls: metadata, queries, transactions, drivers. Never imports `infra_gen`."""
