"""`python -m benchmarks.comparison.peers.prisma`: installs Prisma's own client."""

from benchmarks.comparison.peers.prisma import install

install()
