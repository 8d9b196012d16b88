"""The generator that `prisma generate` runs: what the two say to each other (`protocol`), and the run itself (`running`).

Prisma starts the command of a `generator` block's provider, asks it on stdin for its manifest and then to generate, and reads the
answers on its stderr; stdout is the user's terminal. The manifest is answered before anything of the toolkit is imported that it
does not need.
"""
