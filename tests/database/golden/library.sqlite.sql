-- CreateTable
CREATE TABLE "Reader" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "card" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "joined" DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "level" TEXT NOT NULL DEFAULT 'guest',
    "balance" DECIMAL NOT NULL DEFAULT 0,
    "active" BOOLEAN NOT NULL DEFAULT true,
    "motto" TEXT DEFAULT 'it''s "fine"',
    "mentorId" INTEGER,
    CONSTRAINT "Reader_mentorId_fkey" FOREIGN KEY ("mentorId") REFERENCES "Reader" ("id") ON DELETE SET NULL ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "shelves" (
    "id" BIGINT NOT NULL PRIMARY KEY,
    "shelf_label" TEXT NOT NULL,
    "photo" BLOB,
    "notes" JSONB,
    "weight" REAL NOT NULL DEFAULT 1.5
);

-- CreateTable
CREATE TABLE "Loan" (
    "readerId" INTEGER NOT NULL,
    "shelfId" BIGINT NOT NULL,
    "due" DATETIME NOT NULL,

    PRIMARY KEY ("readerId", "shelfId"),
    CONSTRAINT "Loan_readerId_fkey" FOREIGN KEY ("readerId") REFERENCES "Reader" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "Loan_shelfId_fkey" FOREIGN KEY ("shelfId") REFERENCES "shelves" ("id") ON DELETE RESTRICT ON UPDATE NO ACTION
);

-- CreateTable
CREATE TABLE "_ReaderToShelf" (
    "A" INTEGER NOT NULL,
    "B" BIGINT NOT NULL,
    CONSTRAINT "_ReaderToShelf_A_fkey" FOREIGN KEY ("A") REFERENCES "Reader" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "_ReaderToShelf_B_fkey" FOREIGN KEY ("B") REFERENCES "shelves" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateIndex
CREATE UNIQUE INDEX "Reader_card_key" ON "Reader"("card");

-- CreateIndex
CREATE INDEX "Reader_name_joined_idx" ON "Reader"("name", "joined" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "Loan_shelfId_due_key" ON "Loan"("shelfId", "due");

-- CreateIndex
CREATE UNIQUE INDEX "_ReaderToShelf_AB_unique" ON "_ReaderToShelf"("A", "B");

-- CreateIndex
CREATE INDEX "_ReaderToShelf_B_index" ON "_ReaderToShelf"("B");
