"""One template a page: whole for a browser, one block of it when htmx asks."""

from flask import Response, make_response, render_template, request
from jinja2_fragments.flask import render_block


def page(template: str, part: str, **context) -> Response:
    """Render the page, or only one block of it when htmx asks."""
    if "HX-Request" not in request.headers:
        body = render_template(template, **context)
    else:
        body = render_block(template, part, **context)
    response = make_response(body)
    response.vary.add("HX-Request")
    return response
