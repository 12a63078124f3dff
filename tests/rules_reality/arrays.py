"""Samples for numpy: most of its functions take arrays, and an array of the right kind to write into."""

from __future__ import annotations

A, B, INTS, J = "numpy.array([4.0, 2.0])", "numpy.array([2.0, 1.0])", "numpy.array([5, 6])", "numpy.array([1, 2])"
S = "numpy.array([[2.0, 1.0], [1.0, 3.0]])"
TWO = "add subtract multiply divide true_divide floor_divide mod remainder power maximum minimum fmod hypot arctan2"
BITS = "bitwise_and bitwise_or bitwise_xor left_shift right_shift"
TRUTHS = "greater greater_equal less less_equal equal not_equal logical_and logical_or logical_xor"
ONE = """negative absolute abs sqrt square exp log log2 log10 log1p expm1 sin cos tan arcsin arccos arctan sinh cosh tanh floor ceil rint
         sign deg2rad rad2deg reciprocal"""
TESTS = "isnan isinf isfinite logical_not"
OPERATORS = "__iadd__ __isub__ __imul__ __itruediv__ __ifloordiv__ __ipow__ __add__ __sub__ __mul__ __truediv__ __matmul__"
OF_SQUARES = "norm inv pinv det slogdet eig eigh eigvals svd qr cholesky matrix_rank cond"
TOTALS = "sum prod mean std var max min median"


def calls() -> dict[str, list[str]]:
    """{path: the text between the parentheses of calls}"""
    found = {name: [f"{A}, {B}", f"{A}, {B}, out=numpy.full(2, 9.0)"] for name in TWO.split()}
    found |= {name: [f"{INTS}, {J}", f"{INTS}, {J}, out=numpy.full(2, 99)"] for name in BITS.split()}
    found |= {name: [f"{A}, {B}, out=numpy.{start}(2, bool)" for start in ("zeros", "ones")] for name in TRUTHS.split()}
    found |= {name: ["numpy.array([0.5])", "numpy.array([0.5]), out=numpy.full(1, 9.0)"] for name in ONE.split()}
    found |= {name: [f"{A}, out=numpy.{start}(2, bool)" for start in ("zeros", "ones")] for name in TESTS.split()}
    found |= {name: [A, f"{A}, out=numpy.full((), 9.0)"] for name in TOTALS.split()}
    found |= {name: [A, f"{A}, out=numpy.full((), 9)"] for name in ("argmax", "argmin")}
    found |= {name: [A, f"{A}, out=numpy.zeros((), bool)"] for name in ("all", "any")}
    found |= {name: [A, f"{A}, out=numpy.full(2, 9.0)"] for name in ("cumsum", "cumprod", "round")}
    methods = [*TOTALS.split()[:-1], "argmax", "argmin", "all", "any", "cumsum", "cumprod", "round"]
    of_arrays = {f"ndarray.{name}": [text.replace(A, "", 1).removeprefix(", ") for text in found[name]] for name in methods}
    pairs = {f"ndarray.{name}": ["numpy.array([2.0, 4.0])"] for name in OPERATORS.split()}
    made = {f"numpy:{name}": texts for name, texts in (found | of_arrays | pairs | _WRITTEN).items()}
    square = {f"numpy.linalg:{name}": [S] for name in OF_SQUARES.split()}
    made |= square | {f"numpy.{path}": texts for path, texts in _SUBMODULES.items()}
    for name, texts in _DRAWN.items():
        made |= {f"numpy.random:{name}": texts, f"numpy.random:RandomState.{name}": texts}
    return made | {f"numpy.random:Generator.{name}": texts for name, texts in _DRAWN.items()}


_WRITTEN: dict[str, list[str]] = {
    "ndarray.__init__": ["(2,)"],
    "ndarray.astype": ["int"],
    "ndarray.byteswap": ["", "True"],
    "ndarray.clip": ["1, 2", "1, 2, numpy.full(2, 9.0)"],
    "ndarray.dot": [B, f"{S}, numpy.full(2, 9.0)"],
    "ndarray.dump": ["'new.npy'"],
    "ndarray.fill": ["9.0"],
    "ndarray.item": ["0"],
    "ndarray.partition": ["0"],
    "ndarray.put": ["0, 9.0"],
    "ndarray.repeat": ["2"],
    "ndarray.reshape": ["(2, 1)"],
    "ndarray.resize": ["3, refcheck=False"],
    "ndarray.searchsorted": ["3"],
    "ndarray.setflags": [""],
    "ndarray.swapaxes": ["0, 0"],
    "ndarray.take": ["[0]", "[0], out=numpy.full(1, 9.0)"],
    "ndarray.tofile": ["'new.bin'"],
    "ndarray.trace": [""],
    "ndarray.view": [""],
    "ndarray.__getitem__": ["0"],
    "ndarray.__setitem__": ["0, 9.0"],
    "ndarray.transpose": [""],
    "ndarray.diagonal": [""],
    "errstate.__exit__": ["None, None, None"],
    "vectorize.__init__": ["recorder()"],
    "vectorize.__call__": ["[1]"],
    "array": ["[1, 2]"],
    "asarray": ["[1, 2]"],
    "ascontiguousarray": ["[1, 2]"],
    "linspace": ["0, 1, 3"],
    "logspace": ["0, 1, 3"],
    "concatenate": [f"[{A}, {B}]", f"[{A}, {B}], out=numpy.full(4, 9.0)"],
    "stack": [f"[{A}, {B}]", f"[{A}, {B}], out=numpy.full((2, 2), 9.0)"],
    "vstack": [f"[{A}, {B}]"],
    "hstack": [f"[{A}, {B}]"],
    "split": [f"{A}, 2"],
    "roll": [f"{A}, 1"],
    "flip": [A],
    "repeat": [f"{A}, 2"],
    "reshape": [f"{A}, (2, 1)"],
    "where": [f"{A} > 3", f"{A} > 3, 1, 2"],
    "unique": [A, f"{A}, return_counts=True"],
    "sort": [A],
    "argsort": [A],
    "diff": [A],
    "percentile": [f"{A}, 50", f"{A}, 50, out=numpy.full((), 9.0)"],
    "clip": [f"{A}, 1, 3", f"{A}, 1, 3, out=numpy.full(2, 9.0)"],
    "dot": [f"{A}, {B}", f"{S}, {S}, out=numpy.full((2, 2), 9.0)"],
    "matmul": [f"{S}, {S}", f"{S}, {S}, out=numpy.full((2, 2), 9.0)"],
    "invert": [INTS, f"{INTS}, out=numpy.full(2, 9)"],
    "vdot": [f"{A}, {B}"],
    "inner": [f"{A}, {B}"],
    "outer": [f"{A}, {B}", f"{A}, {B}, out=numpy.full((2, 2), 9.0)"],
    "cross": ["[1, 2, 3], [3, 1, 2]"],
    "trace": [S],
    "interp": ["1.5, [1, 2], [3, 4]"],
    "polyfit": ["[0.0, 1.0, 2.0], [1.0, 3.0, 5.0], 1"],
    "polyval": ["[1, 2], 3"],
    "apply_along_axis": [f"recorder(), 0, {A}"],
    "copyto": [f"{A}, {B}"],
    "put": [f"{A}, 0, 9.0"],
    "place": [f"{A}, {A} > 3, [9.0]"],
    "fill_diagonal": [f"{S}, 9.0"],
    "array2string": [A],
    "array_repr": [A],
    "array_str": [A],
    "seterr": ["divide='raise'"],
    "set_printoptions": ["precision=3"],
    "load": ["(numpy.save('new.npy', [1]), 'new.npy')[1]"],
    "save": ["'new.npy', [1]"],
    "savez": ["'new.npz', [1]"],
    "loadtxt": ["'numbers.txt'"],
    "savetxt": ["'new.txt', [1]"],
    "genfromtxt": ["'numbers.txt'"],
    "fromfile": ["'sample.txt', numpy.uint8"],
    "fromiter": ["[1, 2], int"],
    "frombuffer": ["b'abcdefgh'"],
    "fromstring": ["'1 2', sep=' '"],
    "fromfunction": ["recorder(), (2,)"],
    "meshgrid": [f"{A}, {B}"],
    "bincount": [J],
    "histogram": [A],
    "isclose": [f"{A}, {B}"],
    "allclose": [f"{A}, {B}"],
    "array_equal": [f"{A}, {B}"],
    "searchsorted": [f"{B}, 3"],
    "tile": [f"{A}, 2"],
    "expand_dims": [f"{A}, 0"],
    "eye": ["2"],
    "identity": ["2"],
    "dtype.__init__": ["'int64'"],
    "nditer.__init__": [A],
}
_SUBMODULES: dict[str, list[str]] = {
    "linalg:solve": [f"{S}, {A}"],
    "linalg:lstsq": [f"{S}, {A}, None"],
    "linalg:svd": [S, f"{S}, compute_uv=False"],
    "linalg:matrix_power": [f"{S}, 2"],
    "linalg:multi_dot": [f"[{S}, {S}]"],
    "random:get_state": ["", "False"],
    "random:set_state": ["numpy.random.RandomState(5).get_state()"],
    "random:default_rng": ["", "3"],
    "random:Generator.__init__": ["numpy.random.PCG64(3)"],
    "random:Generator.integers": ["9"],
    "random:Generator.permutation": ["[1, 2, 3, 4]"],
}
_DRAWN: dict[str, list[str]] = {
    "random": [""],
    "rand": ["3"],
    "randn": ["3"],
    "randint": ["9"],
    "uniform": [""],
    "normal": [""],
    "standard_normal": [""],
    "random_sample": [""],
    "choice": ["[1, 2, 3]"],
    "permutation": ["[1, 2, 3]"],
    "exponential": [""],
    "poisson": [""],
    "binomial": ["9, 0.5"],
    "beta": ["1.0, 2.0"],
    "gamma": ["1.0"],
    "shuffle": ["[1, 2, 3, 4, 5, 6, 7]"],
    "seed": ["5"],
    "bytes": ["3"],
}
INSTANCES: dict[str, list[str]] = {
    "numpy:ndarray": ["numpy.array([4.0, 2.0])", "numpy.array([[1.0, 2.0], [3.0, 4.0]])"],
    "numpy:generic": ["numpy.float64(1.5)"],
    "numpy:errstate": ["numpy.errstate(divide='raise')", "(lambda e: (e.__enter__(), e)[1])(numpy.errstate(divide='raise'))"],
    "numpy:vectorize": ["numpy.vectorize(recorder())"],
    "numpy.random:Generator": ["numpy.random.default_rng(3)"],
    "numpy.random:RandomState": ["numpy.random.RandomState(3)"],
    "requests:Response": ["(lambda r: (setattr(r, 'status_code', 200), setattr(r, '_content', b'{}'), r)[2])(requests.Response())"],
    "requests:PreparedRequest": ["requests.Request('GET', 'http://localhost/').prepare()"],
    "requests:Request": ["requests.Request('GET', 'http://localhost/')"],
    "requests:Session": ["requests.Session()"],
}
_VERBS = ("get", "options", "head", "post", "put", "patch", "delete")
REQUESTS: dict[str, list[str]] = {
    "requests:request": ["'GET', 'http://127.0.0.1:9/'"],
    "requests:Session.__exit__": ["None, None, None"],
    "requests:Session.request": ["'GET', 'http://127.0.0.1:9/'"],
    "requests:Session.send": ["requests.Request('GET', 'http://127.0.0.1:9/').prepare()"],
    "requests:Session.mount": ["'x:', requests.Session().get_adapter('http://a')"],
    "requests:Session.prepare_request": ["requests.Request('GET', 'http://127.0.0.1:9/')"],
    **{f"requests:{owner}{verb}": ["'http://127.0.0.1:9/'"] for owner in ("", "Session.") for verb in _VERBS},
}
