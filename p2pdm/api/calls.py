"""Every call of NodeApi as data, read from its signatures: what server, client and command line are built from."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from functools import cache
from typing import Any, get_type_hints

import msgspec

from p2pdm.api.jsonrpc import INVALID_PARAMS, ProtocolError
from p2pdm.api.methods import NodeApi


class Call:
    """One method: its parameters' names and types, and its result's."""

    def __init__(self, name: str) -> None:
        method = getattr(NodeApi, name)
        hints = get_type_hints(method)
        parameters = list(inspect.signature(method).parameters.values())[1:]
        self.name = name
        self.doc: str = inspect.getdoc(method) or ""
        self.names = tuple(parameter.name for parameter in parameters)
        self.required = tuple(p.name for p in parameters if p.default is inspect.Parameter.empty)
        self.types: dict[str, Any] = {name: hints[name] for name in self.names}
        self.result_type: Any = hints["return"]
        fields = [
            (p.name, hints[p.name]) if p.name in self.required else (p.name, hints[p.name], p.default)
            for p in parameters
        ]
        by_name = msgspec.defstruct(name, fields, forbid_unknown_fields=True)
        by_place = msgspec.defstruct(name, fields, forbid_unknown_fields=True, array_like=True)
        self._by_name = msgspec.json.Decoder(by_name)
        self._by_place = msgspec.json.Decoder(by_place)
        self._result = msgspec.json.Decoder(self.result_type)

    def __str__(self) -> str:
        """`history(chat, [limit], [before])`: what may be left out is in brackets."""
        return f"{self.name}({', '.join(name if name in self.required else f'[{name}]' for name in self.names)})"

    def arguments(self, params: bytes) -> dict[str, Any]:
        """The keyword arguments that a request's `params` say."""
        decoder = self._by_place if params[:1] == b"[" else self._by_name
        try:
            read = decoder.decode(params)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise ProtocolError(f"{self} was called wrongly: {error}", INVALID_PARAMS) from None
        return {name: getattr(read, name) for name in self.names}

    def params(self, args: tuple[object, ...], kwargs: Mapping[str, object]) -> dict[str, object]:
        """A request's `params` for these Python arguments."""
        if len(args) > len(self.names):
            raise TypeError(f"{self.name}() takes {len(self.names)} arguments, {len(args)} were given")
        return dict(zip(self.names, args, strict=False)) | dict(kwargs)

    def result(self, line: bytes) -> Any:
        """The typed value of a result's JSON."""
        try:
            return self._result.decode(line)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise ProtocolError(f"{self.name} answered in another form: {error}") from None


METHODS: tuple[str, ...] = tuple(
    name
    for part in NodeApi.__mro__[1:]
    for name, value in vars(part).items()
    if not name.startswith("_") and inspect.iscoroutinefunction(value)
)
"""The names of all calls, in NodeApi's order."""


@cache
def call(name: str) -> Call:
    """The call of that name, which must be one of METHODS; made when first asked for."""
    return Call(name)
