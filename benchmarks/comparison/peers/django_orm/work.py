# pyright: reportMissingImports=false
"""The workloads in Django's ORM."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import django
from django.conf import settings

from benchmarks.comparison.data import Values
from benchmarks.comparison.peers.base import BATCH, CONNECTIONS, Pair, Peer, Place


def database_of(place: Place) -> dict[str, Any]:
    """The place as Django's settings name it. Its pool of connections is for PostgreSQL alone."""
    if place.provider == "sqlite":
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": place.path}
    parts = place.parts
    server = {
        "NAME": place.database,
        "HOST": parts.host,
        "PORT": parts.port,
        "USER": parts.user,
        "PASSWORD": parts.password or "",
    }
    if place.provider == "mysql":
        return {"ENGINE": "django.db.backends.mysql", "CONN_MAX_AGE": None, **server}
    pool = {"min_size": 1, "max_size": CONNECTIONS}
    return {"ENGINE": "django.db.backends.postgresql", "OPTIONS": {"pool": pool}, **server}


class Django(Peer):
    def open(self) -> None:
        if self.place.provider == "mysql":  # As PyMySQL's documentation has it.
            import pymysql

            pymysql.install_as_MySQLdb()
        settings.configure(
            DATABASES={"default": database_of(self.place)}, USE_TZ=True, TIME_ZONE="UTC", INSTALLED_APPS=[]
        )
        django.setup()
        from django import db
        from django.db import connection, transaction

        from benchmarks.comparison.peers.django_orm import models

        self.db, self.connection, self.transaction, self.models = db, connection, transaction, models

    def close(self) -> None:
        self.db.connections.close_all()

    def related(self, row: Any, name: str) -> Iterable[Any]:
        related: Iterable[Any] = row[1] if type(row) is tuple else getattr(row, name).all()
        return related

    def point_read(self, key: int) -> Any:
        return self.models.Author.objects.get(pk=key)

    def concurrent_read(self, key: int) -> Any:
        """As in requests, at whose end a thread gives its connection back to the pool, where there is one."""
        try:
            return self.models.Author.objects.get(pk=key)
        finally:
            self.db.close_old_connections()

    def page(self, status: str, views: int) -> Any:
        return list(self.models.Post.objects.filter(status=status, views__gte=views).order_by("-views", "-id")[:50])

    def wide(self, category: str) -> Any:
        return list(self.models.Product.objects.filter(category=category).order_by("id")[:100])

    def include_one(self, after: int) -> Any:
        return list(self.models.Author.objects.filter(id__gt=after).order_by("id").prefetch_related("posts")[:50])

    def include_two(self, after: int) -> Any:
        authors = self.models.Author.objects.filter(id__gt=after).order_by("id")
        return list(authors.prefetch_related("posts__comments")[:20])

    def create(self, product: Values) -> Any:
        return self.models.Product.objects.create(**product)

    def nested_create(self, author: Values, posts: list[Values]) -> Pair:
        Post: Any = self.models.Post
        with self.transaction.atomic():
            made = self.models.Author.objects.create(**author)
            return made, Post.objects.bulk_create([Post(author=made, **post) for post in posts])

    def update(self, key: int, title: str, views: int) -> Any:
        post = self.models.Post.objects.get(pk=key)
        post.title, post.views = title, views
        post.save(update_fields=["title", "views"])
        return post

    def upsert(self, author: Values) -> Any:
        change = {"name": author["name"], "logins": author["logins"]}
        found, _ = self.models.Author.objects.update_or_create(
            email=author["email"], defaults=change, create_defaults=author
        )
        return found

    def create_many(self, readings: list[Values]) -> int:
        Reading: Any = self.models.Reading
        return len(Reading.objects.bulk_create([Reading(**reading) for reading in readings]))

    def count(self, status: str, views: int) -> Any:
        return self.models.Post.objects.filter(status=status, views__gte=views).count()

    def group_by(self, stock: int) -> Any:
        from django.db.models import Count, Sum

        groups = self.models.Product.objects.filter(stock__gte=stock).values_list("category")
        return list(groups.annotate(Count("id"), Sum("stock"), Sum("price")).order_by("category"))

    def stream(self) -> int:
        total = 0
        for reading in self.models.Reading.objects.order_by("id").iterator(chunk_size=BATCH):
            total += reading.sensor
        return total
