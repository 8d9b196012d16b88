"""The schema that runtime tests run on: a small shop with a blog, with every kind of relation and every scalar type.

Made by hand, so that runtime tests need no generator. `SHOP` is the metadata, `SHOP_PSL` the same schema in Prisma's language,
`SHOP_TABLES` its tables as Prisma makes them in SQLite. May import `infra_runtime.schema` only.
"""

from __future__ import annotations

from infra_runtime.schema import (
    Default,
    Enum,
    EnumValue,
    Model,
    RelationField,
    ScalarField,
    Schema,
    UniqueKey,
)

SHOP_PSL = """\
datasource db {
  provider = "sqlite"
  url      = env("SHOP_URL")
}

enum Role {
  READER
  WRITER
  ADMIN  @map("administrator")
}

model User {
  id         Int      @id @default(autoincrement())
  email      String   @unique
  name       String?
  role       Role     @default(READER)
  logins     Int      @default(0)
  score      Float?
  balance    Decimal  @default(0)
  settings   Json?
  avatar     Bytes?
  steps      BigInt?
  active     Boolean  @default(true)
  created_at DateTime @default(now())
  updated_at DateTime @updatedAt
  manager_id Int?
  manager    User?    @relation("Management", fields: [manager_id], references: [id])
  reports    User[]   @relation("Management")
  followers  User[]   @relation("Follows")
  following  User[]   @relation("Follows")
  profile    Profile?
  written    Post[]   @relation("Author")
  reviewed   Post[]   @relation("Reviewer")
  orders     Order[]

  @@map("users")
}

model Profile {
  id      Int    @id @default(autoincrement())
  bio     String
  user_id Int    @unique
  user    User   @relation(fields: [user_id], references: [id], onDelete: Cascade)
}

model Post {
  id          String    @id @default(uuid())
  title       String
  content     String?
  published   Boolean   @default(false)
  views       Int       @default(0)
  written_on  DateTime?
  author_id   Int
  author      User      @relation("Author", fields: [author_id], references: [id], onDelete: Cascade)
  reviewer_id Int?
  reviewer    User?     @relation("Reviewer", fields: [reviewer_id], references: [id])
  tags        Tag[]
  comments    Comment[]

  @@unique([author_id, title])
}

model Tag {
  id    Int    @id @default(autoincrement())
  label String @unique @map("name")
  posts Post[]
}

model Comment {
  id      Int    @id @default(autoincrement())
  text    String
  post_id String
  post    Post   @relation(fields: [post_id], references: [id], onDelete: Cascade)
}

model Product {
  country String
  number  Int
  name    String
  price   Decimal
  details Json        @default("{}")
  lines   OrderLine[]

  @@id([country, number])
}

model Order {
  id          Int         @id @default(autoincrement())
  reference   String?     @unique
  placed_at   DateTime    @default(now())
  customer_id Int
  customer    User        @relation(fields: [customer_id], references: [id])
  lines       OrderLine[]
}

model OrderLine {
  order_id Int
  position Int
  quantity Int     @default(1)
  country  String
  number   Int
  order    Order   @relation(fields: [order_id], references: [id], onDelete: Cascade)
  product  Product @relation(fields: [country, number], references: [country, number])

  @@id([order_id, position], name: "line")
}
"""

SHOP_TABLES = """\
CREATE TABLE "users" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "email" TEXT NOT NULL,
    "name" TEXT,
    "role" TEXT NOT NULL DEFAULT 'READER',
    "logins" INTEGER NOT NULL DEFAULT 0,
    "score" REAL,
    "balance" DECIMAL NOT NULL DEFAULT 0,
    "settings" JSONB,
    "avatar" BLOB,
    "steps" BIGINT,
    "active" BOOLEAN NOT NULL DEFAULT true,
    "created_at" DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" DATETIME NOT NULL,
    "manager_id" INTEGER,
    CONSTRAINT "users_manager_id_fkey" FOREIGN KEY ("manager_id") REFERENCES "users" ("id") ON DELETE SET NULL ON UPDATE CASCADE
);

CREATE TABLE "Profile" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "bio" TEXT NOT NULL,
    "user_id" INTEGER NOT NULL,
    CONSTRAINT "Profile_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE TABLE "Post" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "title" TEXT NOT NULL,
    "content" TEXT,
    "published" BOOLEAN NOT NULL DEFAULT false,
    "views" INTEGER NOT NULL DEFAULT 0,
    "written_on" DATETIME,
    "author_id" INTEGER NOT NULL,
    "reviewer_id" INTEGER,
    CONSTRAINT "Post_author_id_fkey" FOREIGN KEY ("author_id") REFERENCES "users" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "Post_reviewer_id_fkey" FOREIGN KEY ("reviewer_id") REFERENCES "users" ("id") ON DELETE SET NULL ON UPDATE CASCADE
);

CREATE TABLE "Tag" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "name" TEXT NOT NULL
);

CREATE TABLE "Comment" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "text" TEXT NOT NULL,
    "post_id" TEXT NOT NULL,
    CONSTRAINT "Comment_post_id_fkey" FOREIGN KEY ("post_id") REFERENCES "Post" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE TABLE "Product" (
    "country" TEXT NOT NULL,
    "number" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "price" DECIMAL NOT NULL,
    "details" JSONB NOT NULL DEFAULT '{}',

    PRIMARY KEY ("country", "number")
);

CREATE TABLE "Order" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "reference" TEXT,
    "placed_at" DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "customer_id" INTEGER NOT NULL,
    CONSTRAINT "Order_customer_id_fkey" FOREIGN KEY ("customer_id") REFERENCES "users" ("id") ON DELETE RESTRICT ON UPDATE CASCADE
);

CREATE TABLE "OrderLine" (
    "order_id" INTEGER NOT NULL,
    "position" INTEGER NOT NULL,
    "quantity" INTEGER NOT NULL DEFAULT 1,
    "country" TEXT NOT NULL,
    "number" INTEGER NOT NULL,

    PRIMARY KEY ("order_id", "position"),
    CONSTRAINT "OrderLine_order_id_fkey" FOREIGN KEY ("order_id") REFERENCES "Order" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "OrderLine_country_number_fkey" FOREIGN KEY ("country", "number") REFERENCES "Product" ("country", "number") ON DELETE RESTRICT ON UPDATE CASCADE
);

CREATE TABLE "_Follows" (
    "A" INTEGER NOT NULL,
    "B" INTEGER NOT NULL,
    CONSTRAINT "_Follows_A_fkey" FOREIGN KEY ("A") REFERENCES "users" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "_Follows_B_fkey" FOREIGN KEY ("B") REFERENCES "users" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE TABLE "_PostToTag" (
    "A" TEXT NOT NULL,
    "B" INTEGER NOT NULL,
    CONSTRAINT "_PostToTag_A_fkey" FOREIGN KEY ("A") REFERENCES "Post" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "_PostToTag_B_fkey" FOREIGN KEY ("B") REFERENCES "Tag" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE UNIQUE INDEX "users_email_key" ON "users"("email");

CREATE UNIQUE INDEX "Profile_user_id_key" ON "Profile"("user_id");

CREATE UNIQUE INDEX "Post_author_id_title_key" ON "Post"("author_id", "title");

CREATE UNIQUE INDEX "Tag_name_key" ON "Tag"("name");

CREATE UNIQUE INDEX "Order_reference_key" ON "Order"("reference");

CREATE UNIQUE INDEX "_Follows_AB_unique" ON "_Follows"("A", "B");

CREATE INDEX "_Follows_B_index" ON "_Follows"("B");

CREATE UNIQUE INDEX "_PostToTag_AB_unique" ON "_PostToTag"("A", "B");

CREATE INDEX "_PostToTag_B_index" ON "_PostToTag"("B");
"""

AUTOINCREMENT = Default("database", function="autoincrement")
NOW = Default("client", function="now")


def literal(value: object) -> Default:
    return Default("value", value)


def integer_id(name: str = "id") -> ScalarField:
    return ScalarField(name, "Int", default=AUTOINCREMENT)


ROLE = Enum(
    "Role",
    (EnumValue("READER", "READER"), EnumValue("WRITER", "WRITER"), EnumValue("ADMIN", "administrator")),
)

USER = Model(
    name="User",
    attribute="user",
    table="users",
    id=("id",),
    unique_keys=(UniqueKey("id", ("id",)), UniqueKey("email", ("email",))),
    scalars=(
        integer_id(),
        ScalarField("email", "String"),
        ScalarField("name", "String", "optional"),
        ScalarField("role", "Role", is_enum=True, default=literal("READER")),
        ScalarField("logins", "Int", default=literal(0)),
        ScalarField("score", "Float", "optional"),
        ScalarField("balance", "Decimal", default=literal("0")),
        ScalarField("settings", "Json", "optional"),
        ScalarField("avatar", "Bytes", "optional"),
        ScalarField("steps", "BigInt", "optional"),
        ScalarField("active", "Boolean", default=literal(True)),
        ScalarField("created_at", "DateTime", default=NOW),
        ScalarField("updated_at", "DateTime", updated_at=True),
        ScalarField("manager_id", "Int", "optional"),
    ),
    relations=(
        RelationField(
            "manager",
            "User",
            "optional",
            relation="Management",
            opposite="reports",
            fields=("manager_id",),
            references=("id",),
            on_delete="SetNull",
            on_update="Cascade",
        ),
        RelationField("reports", "User", "list", relation="Management", opposite="manager"),
        RelationField(
            "followers", "User", "list", relation="Follows", opposite="following", link="_Follows", link_side="A"
        ),
        RelationField(
            "following", "User", "list", relation="Follows", opposite="followers", link="_Follows", link_side="B"
        ),
        RelationField("profile", "Profile", "optional", relation="ProfileToUser", opposite="user"),
        RelationField("written", "Post", "list", relation="Author", opposite="author"),
        RelationField("reviewed", "Post", "list", relation="Reviewer", opposite="reviewer"),
        RelationField("orders", "Order", "list", relation="OrderToUser", opposite="customer"),
    ),
)

PROFILE = Model(
    name="Profile",
    attribute="profile",
    id=("id",),
    unique_keys=(UniqueKey("id", ("id",)), UniqueKey("user_id", ("user_id",))),
    scalars=(integer_id(), ScalarField("bio", "String"), ScalarField("user_id", "Int")),
    relations=(
        RelationField(
            "user",
            "User",
            "required",
            relation="ProfileToUser",
            opposite="profile",
            fields=("user_id",),
            references=("id",),
            on_delete="Cascade",
            on_update="Cascade",
        ),
    ),
)

POST = Model(
    name="Post",
    attribute="post",
    id=("id",),
    unique_keys=(UniqueKey("id", ("id",)), UniqueKey("author_id_title", ("author_id", "title"))),
    scalars=(
        ScalarField("id", "String", default=Default("client", function="uuid")),
        ScalarField("title", "String"),
        ScalarField("content", "String", "optional"),
        ScalarField("published", "Boolean", default=literal(False)),
        ScalarField("views", "Int", default=literal(0)),
        ScalarField("written_on", "DateTime", "optional"),
        ScalarField("author_id", "Int"),
        ScalarField("reviewer_id", "Int", "optional"),
    ),
    relations=(
        RelationField(
            "author",
            "User",
            "required",
            relation="Author",
            opposite="written",
            fields=("author_id",),
            references=("id",),
            on_delete="Cascade",
            on_update="Cascade",
        ),
        RelationField(
            "reviewer",
            "User",
            "optional",
            relation="Reviewer",
            opposite="reviewed",
            fields=("reviewer_id",),
            references=("id",),
            on_delete="SetNull",
            on_update="Cascade",
        ),
        RelationField("tags", "Tag", "list", relation="PostToTag", opposite="posts", link="_PostToTag", link_side="A"),
        RelationField("comments", "Comment", "list", relation="CommentToPost", opposite="post"),
    ),
)

TAG = Model(
    name="Tag",
    attribute="tag",
    id=("id",),
    unique_keys=(UniqueKey("id", ("id",)), UniqueKey("label", ("label",))),
    scalars=(integer_id(), ScalarField("label", "String", column="name")),
    relations=(
        RelationField("posts", "Post", "list", relation="PostToTag", opposite="tags", link="_PostToTag", link_side="B"),
    ),
)

COMMENT = Model(
    name="Comment",
    attribute="comment",
    id=("id",),
    unique_keys=(UniqueKey("id", ("id",)),),
    scalars=(integer_id(), ScalarField("text", "String"), ScalarField("post_id", "String")),
    relations=(
        RelationField(
            "post",
            "Post",
            "required",
            relation="CommentToPost",
            opposite="comments",
            fields=("post_id",),
            references=("id",),
            on_delete="Cascade",
            on_update="Cascade",
        ),
    ),
)

PRODUCT = Model(
    name="Product",
    attribute="product",
    id=("country", "number"),
    unique_keys=(UniqueKey("country_number", ("country", "number")),),
    scalars=(
        ScalarField("country", "String"),
        ScalarField("number", "Int"),
        ScalarField("name", "String"),
        ScalarField("price", "Decimal"),
        ScalarField("details", "Json", default=literal("{}")),
    ),
    relations=(RelationField("lines", "OrderLine", "list", relation="OrderLineToProduct", opposite="product"),),
)

ORDER = Model(
    name="Order",
    attribute="order",
    id=("id",),
    unique_keys=(UniqueKey("id", ("id",)), UniqueKey("reference", ("reference",))),
    scalars=(
        integer_id(),
        ScalarField("reference", "String", "optional"),
        ScalarField("placed_at", "DateTime", default=NOW),
        ScalarField("customer_id", "Int"),
    ),
    relations=(
        RelationField(
            "customer",
            "User",
            "required",
            relation="OrderToUser",
            opposite="orders",
            fields=("customer_id",),
            references=("id",),
            on_delete="Restrict",
            on_update="Cascade",
        ),
        RelationField("lines", "OrderLine", "list", relation="OrderToOrderLine", opposite="order"),
    ),
)

ORDER_LINE = Model(
    name="OrderLine",
    attribute="order_line",
    id=("order_id", "position"),
    unique_keys=(UniqueKey("line", ("order_id", "position")),),
    scalars=(
        ScalarField("order_id", "Int"),
        ScalarField("position", "Int"),
        ScalarField("quantity", "Int", default=literal(1)),
        ScalarField("country", "String"),
        ScalarField("number", "Int"),
    ),
    relations=(
        RelationField(
            "order",
            "Order",
            "required",
            relation="OrderToOrderLine",
            opposite="lines",
            fields=("order_id",),
            references=("id",),
            on_delete="Cascade",
            on_update="Cascade",
        ),
        RelationField(
            "product",
            "Product",
            "required",
            relation="OrderLineToProduct",
            opposite="lines",
            fields=("country", "number"),
            references=("country", "number"),
            on_delete="Restrict",
            on_update="Cascade",
        ),
    ),
)

SHOP = Schema(
    provider="sqlite",
    models=(USER, PROFILE, POST, TAG, COMMENT, PRODUCT, ORDER, ORDER_LINE),
    enums=(ROLE,),
    url_variable="SHOP_URL",
)
