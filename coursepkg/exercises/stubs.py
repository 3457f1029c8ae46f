"""Whether an answer is still what the exercise gave: then it was not attempted, and is no mistake."""

from __future__ import annotations

import ast
import dis
import types


def is_stub(answer):
    """Return whether an answer is still the untouched stub: nothing, ``...``, or a function that only says that.

    A class is one if each of its methods is.
    """
    if answer is None or answer is Ellipsis:
        return True
    if isinstance(answer, type):
        methods = [value for value in vars(answer).values() if isinstance(value, types.FunctionType)]
        return bool(methods) and all(is_stub(method) for method in methods)
    if isinstance(answer, dict):
        return bool(answer) and all(is_stub(value) for value in answer.values())
    if isinstance(answer, (tuple, list)):
        return bool(answer) and all(is_stub(value) for value in answer)
    code = getattr(answer, "__code__", None)
    if code is None:
        return False
    loaded = [i for i in dis.get_instructions(code) if i.opname.startswith(("LOAD", "RETURN")) and i.argval is not None]
    works = {i.opname for i in dis.get_instructions(code)} - {
        *("RESUME", "NOP", "POP_TOP", "LOAD_CONST", "RETURN_VALUE", "RETURN_CONST", "PRECALL", "CACHE"),
    }
    return not works and all(i.argval is Ellipsis for i in loaded)


def is_template(exercise, answer):
    """Return whether a function is still the stub of its exercise, one that holds more than an ellipsis.

    A class is one if each of its methods is a method of the stub.
    """
    if isinstance(answer, type):
        methods = [value for value in vars(answer).values() if isinstance(value, types.FunctionType)]
        return bool(methods) and all(is_template(exercise, method) for method in methods)
    code = getattr(answer, "__code__", None)
    if code is None or not exercise.stub:
        return False
    # Statement by statement, as Jupyter does: Python 3.11 compiles `keras.Input()` otherwise next to `import keras`.
    statements = [ast.Module([node], []) for node in ast.parse(exercise.stub).body]
    units = [compile(unit, "<stub>", "exec", dont_inherit=True) for unit in (exercise.stub, *statements)]
    outer = [const for unit in units for const in _codes(unit)]
    given = [*outer, *(method for const in outer for method in _codes(const))]
    return any(_does(code) == _does(const) for const in given)


def _codes(code):
    return [const for const in code.co_consts if isinstance(const, types.CodeType)]


def _does(code):
    """Return what a code object does, wherever it stands: two equal results mean the same program."""
    constants = [_does(c) if isinstance(c, types.CodeType) else repr(c) for c in code.co_consts]
    return code.co_code, code.co_names, code.co_varnames, constants
