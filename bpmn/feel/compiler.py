"""A syntax tree to closures: ``code(frame)`` gives the value.

Nothing here ever sees Python code from outside; a closure only calls the operations of this
package. Each module below compiles one family of nodes.
"""

from __future__ import annotations

from bpmn.feel import (
    compile_data,
    compile_functions,
    compile_loops,
    compile_names,
    compile_operators,
    compile_tests,
)
from bpmn.feel.frames import Code, Frame, compile_node

__all__ = [
    "Code",
    "Frame",
    "compile_data",
    "compile_functions",
    "compile_loops",
    "compile_names",
    "compile_node",
    "compile_operators",
    "compile_tests",
]
