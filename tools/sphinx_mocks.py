"""Sphinx extension of the book: let autodoc replace large packages by mocks in two more places.

For a subclass of, say, `keras.callbacks.Callback`, autodoc looks for the source of the parent class, and so imports
the real Keras and TensorFlow, which takes seconds and fails where only the book's packages are installed. And it cannot
see the methods of a class behind a decorator that is a mock, such as `keras.saving.register_keras_serializable`.
"""

from __future__ import annotations

from sphinx.errors import PycodeError
from sphinx.ext.autodoc.mock import _MockObject
from sphinx.pycode import ModuleAnalyzer

find_source, make_member = ModuleAnalyzer.get_module_source, _MockObject.__getattr__


def hide_sources(app):
    mocked = set(app.config.autodoc_mock_imports)

    def find_other_source(module):
        if module.partition(".")[0] in mocked:
            raise PycodeError(f"{module} is replaced by a mock")
        return find_source(module)

    ModuleAnalyzer.get_module_source = staticmethod(find_other_source)


def member_of_decorated(mock, name):
    decorated = mock.__sphinx_decorator_args__
    if decorated and isinstance(decorated[0], type) and hasattr(decorated[0], name):
        return getattr(decorated[0], name)
    return make_member(mock, name)


def setup(app):
    _MockObject.__getattr__ = member_of_decorated
    app.connect("builder-inited", hide_sources)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
