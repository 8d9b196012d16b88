"""The package of the demo schema, under a name of its own: other tests forget `shop` when they have used it."""

from __future__ import annotations

import atexit
import importlib
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.generator.packages import generate_text

SCHEMA = (Path(__file__).parents[2] / "schema.prisma").read_text(encoding="utf-8")
MODELS = SCHEMA[SCHEMA.index("enum Role") :]
"""The schema without its generator and datasource."""
NAME = "projected_shop"

if TYPE_CHECKING:
    import shop
    from shop import (
        Category,
        Comment,
        Customer,
        CustomerFields,
        Infrastructure,
        Order,
        OrderLine,
        OrderStatus,
        Post,
        PostFields,
        Product,
        Profile,
        Role,
        SyncInfrastructure,
        Tag,
    )
else:
    _folder = Path(tempfile.mkdtemp(prefix="infra_gen_projections_"))
    atexit.register(shutil.rmtree, _folder, ignore_errors=True)
    generate_text(SCHEMA, _folder / NAME)
    sys.path.append(str(_folder))
    shop = importlib.import_module(NAME)
    Category, Comment, Customer, Order, OrderLine = (
        shop.Category,
        shop.Comment,
        shop.Customer,
        shop.Order,
        shop.OrderLine,
    )
    Post, Product, Profile, Tag = shop.Post, shop.Product, shop.Profile, shop.Tag
    CustomerFields, PostFields = shop.CustomerFields, shop.PostFields
    OrderStatus, Role = shop.OrderStatus, shop.Role
    Infrastructure, SyncInfrastructure = shop.Infrastructure, shop.SyncInfrastructure

__all__ = [
    "MODELS",
    "NAME",
    "SCHEMA",
    "Category",
    "Comment",
    "Customer",
    "CustomerFields",
    "Infrastructure",
    "Order",
    "OrderLine",
    "OrderStatus",
    "Post",
    "PostFields",
    "Product",
    "Profile",
    "Role",
    "SyncInfrastructure",
    "Tag",
    "shop",
]
