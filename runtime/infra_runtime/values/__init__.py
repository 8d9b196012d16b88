"""Values: how each Prisma type is checked, sent to a driver and read back; null markers; defaults made by the client."""
