"""Sends files of the site to a browser, wherever they are kept."""

from flask import Response, abort, send_file

from app.jobs.place import storage_here
from app.storage import Kept
from app.storage.folder import Folder


def there(key: str, otherwise: str) -> Kept:
    """The file that is kept so; a page with the sentence where it is not."""
    return storage_here().status(key) or abort(404, otherwise)


def sent(kept: Kept, name: str, mimetype: str | None = None) -> Response:
    """The file as one to be saved; from a store it streams through us, a piece at a time."""
    store = storage_here()
    if isinstance(store, Folder):
        return send_file(store.path(kept.key), mimetype, as_attachment=True, download_name=name)
    file = store.open(kept.key)
    response = send_file(file, mimetype, as_attachment=True, download_name=name, last_modified=kept.changed_at)
    response.content_length = kept.size
    return response
