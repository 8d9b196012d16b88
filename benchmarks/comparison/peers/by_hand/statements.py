"""The SQL of the workloads, written out for each database. Imports `data` for the names of columns."""

from __future__ import annotations

from benchmarks.comparison.data import COLUMNS


class Statements:
    """The statements for one provider, with `%s` where a value goes (`?` in SQLite)."""

    def __init__(self, provider: str) -> None:
        self.mark = mark = "?" if provider == "sqlite" else "%s"
        self._arrays = provider == "postgresql"
        # psycopg gives enums as bytes when it fetches binary, and binary is faster for all else.
        status = "status::text" if provider == "postgresql" else "status"
        self.columns = {
            table: ", ".join(status if column == "status" else column for column in columns)
            for table, columns in COLUMNS.items()
        }
        authors, posts, products, readings = (
            self.columns[name] for name in ("authors", "posts", "products", "readings")
        )
        self.point_read = f"SELECT {authors} FROM authors WHERE id = {mark}"
        self.page = (
            f"SELECT {posts} FROM posts WHERE status = {mark} AND views >= {mark} ORDER BY views DESC, id DESC LIMIT 50"
        )
        self.wide = f"SELECT {products} FROM products WHERE category = {mark} ORDER BY id LIMIT 100"
        self.authors_after = f"SELECT {authors} FROM authors WHERE id > {mark} ORDER BY id LIMIT {mark}"
        self.count = f"SELECT count(*) FROM posts WHERE status = {mark} AND views >= {mark}"
        self.group_by = (
            "SELECT category, count(*), sum(stock), sum(price) FROM products "
            f"WHERE stock >= {mark} GROUP BY category ORDER BY category"
        )
        self.stream = f"SELECT {readings} FROM readings ORDER BY id"
        self.create_product = self.insert("products", returning=True)
        self.create_author = self.insert("authors", returning=True)
        self.create_posts = self.insert("posts", rows=3, returning=True)
        self.create_reading = self.insert("readings")
        self.update = f"UPDATE posts SET title = {mark}, views = {mark} WHERE id = {mark}"
        self.update_returning = f"{self.update} RETURNING {posts}"
        self.post = f"SELECT {posts} FROM posts WHERE id = {mark}"
        if provider == "mysql":
            change = "ON DUPLICATE KEY UPDATE name = VALUES(name), logins = VALUES(logins)"
        else:
            change = "ON CONFLICT (email) DO UPDATE SET name = excluded.name, logins = excluded.logins"
        self.upsert = f"{self.insert('authors')} {change} RETURNING {authors}"

    def insert(self, table: str, *, rows: int = 1, returning: bool = False) -> str:
        """Inserts rows without their ids."""
        names = COLUMNS[table][1:]
        marks = ", ".join([f"({', '.join([self.mark] * len(names))})"] * rows)
        answer = f" RETURNING {self.columns[table]}" if returning else ""
        return f"INSERT INTO {table} ({', '.join(names)}) VALUES {marks}{answer}"

    def related(self, table: str, column: str, keys: int) -> str:
        """The rows of `table` whose `column` is one of so many keys; in PostgreSQL these are one array."""
        marks = f"= ANY({self.mark})" if self._arrays else f"IN ({', '.join([self.mark] * keys)})"
        return f"SELECT {self.columns[table]} FROM {table} WHERE {column} {marks} ORDER BY id"

    def keys(self, keys: list[int]) -> tuple[object, ...]:
        """The values for `related`."""
        return (keys,) if self._arrays else tuple(keys)

    @property
    def create_author_with_posts(self) -> str:
        """PostgreSQL's way to insert a row and three that refer to it in one round trip; it answers a row for each post."""
        names = ", ".join(COLUMNS["posts"][1:-1])
        values = ", ".join(["(%s, %s, %s::status, %s::int, %s::float8, %s::timestamp)"] * 3)
        return (
            f"WITH author AS ({self.create_author}), made AS ("
            f"INSERT INTO posts ({names}, author_id) SELECT v.*, author.id FROM author, (VALUES {values}) AS v({names}) "
            f"RETURNING {self.columns['posts']}) SELECT author.*, made.* FROM author, made ORDER BY made.id"
        )
