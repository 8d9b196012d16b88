# pyright: reportMissingImports=false
"""The tables as Django's models; `peers.django_orm.work` has configured it before this is imported."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.db import models


class Status(models.TextChoices):
    DRAFT = "DRAFT"
    ACTIVE = "ACTIVE"
    ARCHIVED = "ARCHIVED"


class Moment(models.DateTimeField):
    """A column of PostgreSQL's without a zone, which holds UTC; Django makes its own with one."""

    def from_db_value(self, value: datetime | None, expression: Any, connection: Any) -> datetime | None:
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


class StatusField(models.CharField):
    """An enum of PostgreSQL's; Django makes texts of choices."""

    def db_type(self, connection: Any) -> str | None:
        return "status" if connection.vendor == "postgresql" else super().db_type(connection)


class Author(models.Model):
    email = models.CharField(max_length=191, unique=True)
    name = models.CharField(max_length=191)
    bio = models.CharField(max_length=191, null=True)
    logins = models.IntegerField()
    active = models.BooleanField()
    created_at = Moment()

    class Meta:
        app_label, db_table, managed = "comparison", "authors", False


class Post(models.Model):
    title = models.CharField(max_length=191)
    body = models.TextField()
    status = StatusField(max_length=191, choices=Status.choices)
    views = models.IntegerField()
    rating = models.FloatField()
    published_at = Moment(null=True)
    author = models.ForeignKey(Author, models.RESTRICT, related_name="posts")

    class Meta:
        app_label, db_table, managed = "comparison", "posts", False


class Comment(models.Model):
    text = models.CharField(max_length=191)
    likes = models.IntegerField()
    created_at = Moment()
    post = models.ForeignKey(Post, models.RESTRICT, related_name="comments")

    class Meta:
        app_label, db_table, managed = "comparison", "comments", False


class Product(models.Model):
    sku = models.CharField(max_length=191, unique=True)
    name = models.CharField(max_length=191)
    description = models.TextField()
    status = StatusField(max_length=191, choices=Status.choices)
    category = models.CharField(max_length=191)
    price = models.DecimalField(max_digits=12, decimal_places=2)
    cost = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    stock = models.IntegerField()
    reserved = models.IntegerField()
    views = models.BigIntegerField()
    weight = models.FloatField()
    rating = models.FloatField(null=True)
    active = models.BooleanField()
    featured = models.BooleanField()
    attributes: Any = models.JSONField()
    note = models.CharField(max_length=191, null=True)
    created_at = Moment()
    updated_at = Moment()
    released_at = Moment(null=True)

    class Meta:
        app_label, db_table, managed = "comparison", "products", False


class Reading(models.Model):
    sensor = models.IntegerField()
    value = models.FloatField()
    valid = models.BooleanField()
    note = models.CharField(max_length=191, null=True)
    taken_at = Moment()

    class Meta:
        app_label, db_table, managed = "comparison", "readings", False
