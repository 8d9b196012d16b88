"""infra-gen: parses a Prisma schema into an IR and renders a typed Python package that calls `infra_runtime`."""
