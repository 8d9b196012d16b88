"""A plug-in of infra-gen: Pydantic models for the bodies of an API.

`plugin` is what infra-gen asks, `views` and `fields` read what it gives, `commands` is the command.
"""

from infra_gen_dto.plugin import DtoPlugin

__all__ = ["DtoPlugin"]
