"""The clients: what `Infrastructure` and `SyncInfrastructure` of a generated package are made of.

A client joins an engine (schema, plans), a session (the executor's pool, or a transaction) and a context. `bind` and `transaction`
give clients of the same class that share the rest. Drivers are imported at `connect`, operations at their first call. `client` is what both
share, `blocking` and `awaited` are the two interfaces, `managers` begin and end transactions, `requests` says what is asked for.
"""

from infra_runtime.infrastructure.awaited import Infrastructure
from infra_runtime.infrastructure.blocking import SyncInfrastructure
from infra_runtime.infrastructure.managers import SyncTransactionManager, TransactionManager
from infra_runtime.infrastructure.requests import seconds

__all__ = ["Infrastructure", "SyncInfrastructure", "SyncTransactionManager", "TransactionManager", "seconds"]
