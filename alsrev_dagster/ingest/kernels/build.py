"""Machine code of a kernel, for one combination of argument types: needs the compiler."""

from collections.abc import Sequence
from importlib import import_module

import llvmlite.binding as llvm
import numba
import numpy as np

from alsrev_dagster.ingest.kernels.kept import INTEGER

_KNOWN_TO_ALL = ("llvm.", "memset", "memcpy", "memmove", "memcmp")
"""What the code may call beside itself."""


def build(module: str, name: str, types: Sequence[str]) -> tuple[str, bytes]:
    """Compile a kernel; the name of its entry, and an object file that needs nothing else.

    Its arguments are, behind two pointers that it does not use, those of numba's functions:
    a whole number as 64 bits, an array as its seven or more words (``kept.words``).
    """
    function = getattr(import_module(f"{__package__}.{module}"), name)
    signature = tuple(_numba_type(of_type) for of_type in types)
    function.compile(signature)
    entry = function.overloads[signature].fndesc.llvm_func_name
    return entry, object_file(function.inspect_llvm(signature), entry)


def _numba_type(of_type: str) -> numba.types.Type:
    if of_type == INTEGER:
        return numba.int64
    number, n_dimension = of_type.split("x")
    return numba.types.Array(numba.from_dtype(np.dtype(number)), int(n_dimension), "C")


def object_file(code: str, entry: str) -> bytes:
    """Object file of one function of a module and of what it calls."""
    module = llvm.parse_assembly(code)
    for item in (*module.functions, *module.global_variables):
        if not item.is_declaration and item.name != entry:
            item.linkage = "internal"
    machine = llvm.Target.from_default_triple().create_target_machine(
        cpu=llvm.get_host_cpu_name(),
        features=llvm.get_host_cpu_features().flatten(),
        opt=3,
        reloc="default",
        codemodel="jitdefault",
        jit=True,
    )
    passes = llvm.create_pass_builder(machine, llvm.create_pipeline_tuning_options(speed_level=3))
    passes.getModulePassManager().run(module, passes)
    called = [f.name for f in module.functions if f.is_declaration]
    unknown = [name for name in called if not name.startswith(_KNOWN_TO_ALL)]
    if unknown:
        raise AssertionError(f"found calls of {unknown} in {entry}; expected none of Python's")
    code_of_machine: bytes = machine.emit_object(module)
    return code_of_machine
