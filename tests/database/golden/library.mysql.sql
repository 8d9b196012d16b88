-- CreateTable
CREATE TABLE `Reader` (
    `id` INTEGER NOT NULL AUTO_INCREMENT,
    `card` VARCHAR(191) NOT NULL,
    `name` VARCHAR(191) NOT NULL,
    `joined` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    `level` ENUM('guest', 'Member') NOT NULL DEFAULT 'guest',
    `balance` DECIMAL(65,30) NOT NULL DEFAULT 0,
    `active` BOOLEAN NOT NULL DEFAULT true,
    `motto` VARCHAR(191) NULL DEFAULT 'it''s "fine"',
    `mentorId` INTEGER NULL,

    UNIQUE INDEX `Reader_card_key`(`card`),
    INDEX `Reader_name_joined_idx`(`name`, `joined` DESC),
    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- CreateTable
CREATE TABLE `shelves` (
    `id` BIGINT NOT NULL,
    `shelf_label` VARCHAR(191) NOT NULL,
    `photo` LONGBLOB NULL,
    `notes` JSON NULL,
    `weight` DOUBLE NOT NULL DEFAULT 1.5,

    PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- CreateTable
CREATE TABLE `Loan` (
    `readerId` INTEGER NOT NULL,
    `shelfId` BIGINT NOT NULL,
    `due` DATETIME(3) NOT NULL,

    UNIQUE INDEX `Loan_shelfId_due_key`(`shelfId`, `due`),
    PRIMARY KEY (`readerId`, `shelfId`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- CreateTable
CREATE TABLE `_ReaderToShelf` (
    `A` INTEGER NOT NULL,
    `B` BIGINT NOT NULL,

    UNIQUE INDEX `_ReaderToShelf_AB_unique`(`A`, `B`),
    INDEX `_ReaderToShelf_B_index`(`B`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- AddForeignKey
ALTER TABLE `Reader` ADD CONSTRAINT `Reader_mentorId_fkey` FOREIGN KEY (`mentorId`) REFERENCES `Reader`(`id`) ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE `Loan` ADD CONSTRAINT `Loan_readerId_fkey` FOREIGN KEY (`readerId`) REFERENCES `Reader`(`id`) ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE `Loan` ADD CONSTRAINT `Loan_shelfId_fkey` FOREIGN KEY (`shelfId`) REFERENCES `shelves`(`id`) ON DELETE RESTRICT ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE `_ReaderToShelf` ADD CONSTRAINT `_ReaderToShelf_A_fkey` FOREIGN KEY (`A`) REFERENCES `Reader`(`id`) ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE `_ReaderToShelf` ADD CONSTRAINT `_ReaderToShelf_B_fkey` FOREIGN KEY (`B`) REFERENCES `shelves`(`id`) ON DELETE CASCADE ON UPDATE CASCADE;
