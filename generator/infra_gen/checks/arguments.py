"""Attributes and their arguments as something to be read from: what is repeated, unknown or left over is reported.

Imports only the syntax tree, the report and the readers of values. Which attributes and arguments exist is said by
those who read; whatever they did not ask for is unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from infra_gen.checks import values
from infra_gen.checks.report import Report
from infra_gen.schema.advice import did_you_mean
from infra_gen.schema.syntax import Argument, ArgumentList, ArrayValue, Attribute, FunctionValue, Identifier, Value


class Arguments:
    """The arguments of one attribute, each to be taken at most once."""

    def __init__(self, attribute: Attribute, report: Report) -> None:
        self.attribute = attribute
        self.report = report
        self._left: dict[str | None, Argument] = {}
        unnamed: list[Value] = []
        for argument in _arguments_of(attribute):
            name = argument.name.name if argument.name else None
            if name is None:
                unnamed.append(argument.value)
            elif name in self._left:
                report.error(f'Argument "{name}" is already specified. Keep one of them.', argument.span)
            self._left[name] = argument
        if len(unnamed) > 1:
            together = ", ".join(values.source_of(value) for value in unnamed)
            self.fail(
                "You provided multiple unnamed arguments. Only one can go without a name. Did you forget the "
                f"brackets? Write `[{together}]` for a list."
            )

    @property
    def label(self) -> str:
        """The attribute with its signs: `@id`, `@@index`."""
        return label(self.attribute)

    def fail(self, message: str) -> None:
        """Report an error of the whole attribute."""
        self.report.attribute_error(self.label, message, self.attribute.span)

    def take(self, name: str) -> Value | None:
        """The value of a named argument, if it was given."""
        argument = self._left.pop(name, None)
        return argument.value if argument else None

    def take_main(self, name: str) -> Value | None:
        """The value of the argument that may go without its name. Given neither or both ways is an error."""
        named, unnamed = self._left.pop(name, None), self._left.pop(None, None)
        if named and unnamed:
            self.report.error(f'Argument "{name}" is already specified as unnamed argument. Keep one.', named.span)
            return None
        if argument := named or unnamed:
            return argument.value
        self.report.error(
            f'Argument "{name}" is missing. Write `{self.label}({name}: …)` or give it first, without its name.',
            self.attribute.span,
        )
        return None

    def take_main_if_given(self, name: str) -> Value | None:
        """As `take_main`, where the argument may be missing. Of two, none counts."""
        named, unnamed = self._left.pop(name, None), self._left.pop(None, None)
        if named and unnamed:
            return None
        argument = named or unnamed
        return argument.value if argument else None

    def take_string(self, name: str) -> str | None:
        """A named argument that must be a string and not empty."""
        value = self.take(name)
        text = values.string(value, self.report) if value else None
        if text == "":
            self.fail(f"The `{name}` argument cannot be an empty string. Leave it out or write a name.")
            return None
        return text

    def finish(self) -> None:
        """Report the arguments that nobody took."""
        if self._left:
            for argument in self._left.values():
                self.report.error(f"No such argument. `{self.label}` does not take it; remove it.", argument.span)
            self._left.clear()

    def refuse(self, message: str) -> None:
        """Report every argument that is left, of an attribute that is itself refused."""
        for argument in self._left.values():
            self.report.error(message, argument.span)
        self._left.clear()

    def discard(self) -> None:
        """Forget the arguments of an attribute that is already refused."""
        self._left.clear()


class AttributeSet:
    """The attributes of one declaration. Those that nobody asks for are unknown."""

    def __init__(self, attributes: Iterable[Attribute], report: Report) -> None:
        self._left = list(attributes)
        self._names = {attribute.name.name for attribute in self._left}
        self._report = report
        self._asked: list[str] = []

    def single(self, name: str) -> Arguments | None:
        """The attribute of that name, if there is exactly one and its arguments can be read."""
        return next((arguments for _, arguments in self.singles(name)), None)

    def singles(self, *names: str) -> Iterator[tuple[str, Arguments]]:
        """The attributes of these names, in this order: each of which there is exactly one and whose arguments can be read."""
        self._asked += names
        if self._names.isdisjoint(names):
            return
        for name in names:
            if name not in self._names:
                continue
            found = self._take(name)
            if len(found) > 1:
                for attribute in found:
                    self._report.error(
                        f'Attribute "@{name}" can only be defined once. Keep one of them.', attribute.span
                    )
            elif found and (arguments := _readable(found[0], self._report)):
                yield name, arguments

    def each(self, name: str) -> Iterator[Arguments]:
        """Every attribute of that name whose arguments can be read."""
        self._asked.append(name)
        for attribute in self._take(name) if name in self._names else ():
            if arguments := _readable(attribute, self._report):
                yield arguments

    def native_type(self) -> Attribute | None:
        """The attribute that names a type of the database: `@db.VarChar(40)`. Of several, the last counts."""
        if not any("." in name for name in self._names):
            return None
        found = [attribute for attribute in self._left if "." in attribute.name.name]
        self._left = [attribute for attribute in self._left if "." not in attribute.name.name]
        for attribute in found[1:]:
            scope = attribute.name.name.split(".", 1)[0]
            self._report.error(f'Attribute "@{scope}" can only be defined once. Keep one native type.', attribute.span)
        return found[-1]

    def finish(self) -> None:
        """Report the attributes that nobody asked for."""
        for attribute in self._left:
            advice = did_you_mean(attribute.name.name, self._asked, "@@" if attribute.block else "@")
            self._report.error(f'Attribute not known: "{label(attribute)}".{advice}', attribute.span)

    def _take(self, name: str) -> list[Attribute]:
        found = [attribute for attribute in self._left if attribute.name.name == name]
        self._left = [attribute for attribute in self._left if attribute.name.name != name]
        return found


def label(attribute: Attribute) -> str:
    """An attribute's name with its signs: `@id`, `@@index`."""
    return f"{'@@' if attribute.block else '@'}{attribute.name.name}"


def argument_of(attribute: Attribute, *names: str) -> Argument | None:
    """The first argument given under one of the names."""
    for name in names:
        for argument in _arguments_of(attribute):
            if argument.name and argument.name.name == name:
                return argument
    return None


def _arguments_of(attribute: Attribute) -> tuple[Argument, ...]:
    return attribute.arguments.arguments if attribute.arguments else ()


def _readable(attribute: Attribute, report: Report) -> Arguments | None:
    """The arguments of an attribute, unless a name without a value among them makes them meaningless."""
    if attribute.arguments is None:
        return Arguments(attribute, report)
    usable = True
    for arguments in _argument_lists(attribute.arguments):
        for name in arguments.empty_names:
            report.attribute_error(label(attribute), f"The `{name.name}` argument is missing a value.", name.span)
            usable = False
        for name in _empty_names_of_items(arguments):
            report.attribute_error(label(attribute), f"The `{name.name}` argument is missing a value.", name.span)
        if arguments.trailing_comma:
            report.attribute_error(
                label(attribute),
                "Trailing commas are not valid in attribute arguments, please remove the comma.",
                arguments.trailing_comma,
            )
    return Arguments(attribute, report) if usable else None


def _argument_lists(own: ArgumentList) -> Iterator[ArgumentList]:
    """An attribute's own arguments and those of the functions among them."""
    yield own
    for argument in own.arguments:
        if isinstance(argument.value, FunctionValue):
            yield argument.value.arguments


def _empty_names_of_items(arguments: ArgumentList) -> Iterator[Identifier]:
    for argument in arguments.arguments:
        if isinstance(argument.value, ArrayValue):
            for item in argument.value.items:
                if isinstance(item, FunctionValue):
                    yield from item.arguments.empty_names
