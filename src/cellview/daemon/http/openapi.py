"""The description of the API, OpenAPI 3.1, made from the table and from msgspec's schemas."""

from __future__ import annotations

import importlib.metadata
import re
from collections.abc import Iterable
from typing import Any, Final

import msgspec

from cellview.daemon.http.call import WORD
from cellview.daemon.http.problems import Problem
from cellview.daemon.http.table import Endpoint

__all__ = ["describe"]

_EVERYWHERE = (400, 401, 403, 408, 413, 414, 415, 421, 429, 500)


_EVENT: Final = {
    "type": "object",
    "description": "One of the events that the stream is made of. `data` is JSON.",
    "properties": {"id": {"type": "string"}, "event": {"type": "string"}, "data": {"type": "string"}},
    "required": ["data"],
}


def describe(endpoints: Iterable[Endpoint]) -> dict[str, Any]:
    """Return the description of these endpoints."""
    listed = list(endpoints)
    kinds = {kind: None for one in listed for kind in (one.body, one.answer) if kind is not None} | {Problem: None}
    schemas, components = msgspec.json.schema_components(list(kinds), ref_template="#/components/schemas/{name}")
    schema_of = dict(zip(kinds, schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for one in listed:
        paths.setdefault(one.path, {})[one.method.lower()] = _operation(one, schema_of)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Cellview's research daemon", "version": importlib.metadata.version("cellview")},
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{}, {"token": []}],
    }


def _operation(one: Endpoint, schema_of: dict[Any, Any]) -> dict[str, Any]:
    good: dict[str, Any] = {"description": "As asked."}
    if one.status != 204:
        plain = _EVENT if one.media == "text/event-stream" else {"type": "string"}
        content = {"schema": schema_of[one.answer] if one.answer is not None else plain}
        good["content"] = {one.media: content}
    problem = {
        "description": "Why not, in one sentence.",
        "content": {"application/problem+json": {"schema": schema_of[Problem]}},
    }
    responses = {str(status): good if status < 300 else problem for status in (one.status, *one.also, *_EVERYWHERE)}
    if one.name == "health":
        responses["503"] = good
    operation: dict[str, Any] = {"operationId": one.name, "summary": one.summary, "responses": responses}
    parameters = [*_path_parameters(one), *_query_parameters(one), *_header_parameters(one)]
    if parameters:
        operation["parameters"] = parameters
    if one.body is not None:
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": schema_of[one.body]}},
        }
    return operation


def _path_parameters(one: Endpoint) -> list[dict[str, Any]]:
    number = {"type": "integer", "minimum": 0, "maximum": 2**53 - 1}
    words = {"figure": {"type": "string", "pattern": WORD}}
    return [
        {"name": name, "in": "path", "required": True, "schema": words.get(name, number)}
        for name in re.findall(r"{(\w+)}", one.path)
    ]


def _query_parameters(one: Endpoint) -> list[dict[str, Any]]:
    if one.query is None:
        return []
    schema = msgspec.json.schema(one.query)
    fields = schema["$defs"][one.query.__name__]["properties"]
    return [{"name": name, "in": "query", "schema": field} for name, field in fields.items()]


def _header_parameters(one: Endpoint) -> list[dict[str, Any]]:
    names = {"submit": "Idempotency-Key", "events": "Last-Event-ID", "iterations": "Last-Event-ID"}
    return [{"name": names[one.name], "in": "header", "schema": {"type": "string"}}] if one.name in names else []
