"""The Prisma schema language as text: sources, lexer, parser, located syntax tree, formatter. Knows no meaning."""
