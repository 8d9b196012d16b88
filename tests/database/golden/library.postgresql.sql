-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateEnum
CREATE TYPE "Level" AS ENUM ('guest', 'Member');

-- CreateTable
CREATE TABLE "Reader" (
    "id" SERIAL NOT NULL,
    "card" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "joined" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "level" "Level" NOT NULL DEFAULT 'guest',
    "balance" DECIMAL(65,30) NOT NULL DEFAULT 0,
    "active" BOOLEAN NOT NULL DEFAULT true,
    "motto" TEXT DEFAULT 'it''s "fine"',
    "mentorId" INTEGER,

    CONSTRAINT "Reader_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "shelves" (
    "id" BIGINT NOT NULL,
    "shelf_label" TEXT NOT NULL,
    "photo" BYTEA,
    "notes" JSONB,
    "weight" DOUBLE PRECISION NOT NULL DEFAULT 1.5,

    CONSTRAINT "shelves_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Loan" (
    "readerId" INTEGER NOT NULL,
    "shelfId" BIGINT NOT NULL,
    "due" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "Loan_pkey" PRIMARY KEY ("readerId","shelfId")
);

-- CreateTable
CREATE TABLE "_ReaderToShelf" (
    "A" INTEGER NOT NULL,
    "B" BIGINT NOT NULL,

    CONSTRAINT "_ReaderToShelf_AB_pkey" PRIMARY KEY ("A","B")
);

-- CreateIndex
CREATE UNIQUE INDEX "Reader_card_key" ON "Reader"("card");

-- CreateIndex
CREATE INDEX "Reader_name_joined_idx" ON "Reader"("name", "joined" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "Loan_shelfId_due_key" ON "Loan"("shelfId", "due");

-- CreateIndex
CREATE INDEX "_ReaderToShelf_B_index" ON "_ReaderToShelf"("B");

-- AddForeignKey
ALTER TABLE "Reader" ADD CONSTRAINT "Reader_mentorId_fkey" FOREIGN KEY ("mentorId") REFERENCES "Reader"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Loan" ADD CONSTRAINT "Loan_readerId_fkey" FOREIGN KEY ("readerId") REFERENCES "Reader"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Loan" ADD CONSTRAINT "Loan_shelfId_fkey" FOREIGN KEY ("shelfId") REFERENCES "shelves"("id") ON DELETE RESTRICT ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "_ReaderToShelf" ADD CONSTRAINT "_ReaderToShelf_A_fkey" FOREIGN KEY ("A") REFERENCES "Reader"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "_ReaderToShelf" ADD CONSTRAINT "_ReaderToShelf_B_fkey" FOREIGN KEY ("B") REFERENCES "shelves"("id") ON DELETE CASCADE ON UPDATE CASCADE;
