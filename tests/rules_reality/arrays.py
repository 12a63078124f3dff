"""Samples for numpy: most of its functions take arrays, and an array of the right kind to write into."""

from __future__ import annotations

import re

# what the capitals in the table below stand for
_SHORT = {
    "A": "numpy.array([4.0, 2.0])",
    "B": "numpy.array([2.0, 1.0])",
    "I": "numpy.array([5, 6])",
    "J": "numpy.array([1, 2])",
    "S": "numpy.array([[2.0, 1.0], [1.0, 3.0]])",
}


def calls() -> dict[str, list[str]]:
    """{path: the text between the parentheses of calls}"""
    found: dict[str, list[str]] = {}
    for names, samples in _TABLE:
        texts = [re.sub(r"\b[ABIJS]\b", lambda letter: _SHORT[letter[0]], sample) for sample in samples]
        for name in names.split():
            found[f"numpy.{name}" if ":" in name else f"numpy:{name}"] = texts
    return found


# functions of numpy (`linalg:norm`: of a module of it; `ndarray.sum`: a method), and the calls that are made of each
_TABLE: list[tuple[str, list[str]]] = [
    (
        "add subtract multiply divide true_divide floor_divide mod remainder power maximum minimum fmod fmax fmin hypot arctan2 "
        "copysign nextafter logaddexp float_power heaviside",
        ["A, B", "A, B, out=numpy.full(2, 9.0)", "4.0, 3.0"],
    ),
    ("bitwise_and bitwise_or bitwise_xor left_shift right_shift gcd lcm", ["I, J", "I, J, out=numpy.full(2, 99)", "6, 4"]),
    (
        "greater greater_equal less less_equal equal not_equal logical_and logical_or logical_xor",
        ["A, B", "A, B, out=numpy.zeros(2, bool)", "A, B, out=numpy.ones(2, bool)", "numpy.float64(1), 2"],
    ),
    ("divmod", ["A, B", "5.0, 2.0"]),
    (
        "modf ediff1d unwrap i0 copy zeros_like ones_like empty_like diagflat vander flip nonzero flatnonzero argwhere sort argsort "
        "histogram histogram_bin_edges poly shape ndim size array2string array_repr array_str nditer.__init__ ndenumerate.__init__ "
        "fft:fftshift fft:ifftshift lib.stride_tricks:as_strided",
        ["A"],
    ),
    ("matmul", ["S, S", "S, S, out=numpy.full((2, 2), 9.0)", "A, B"]),
    (
        "negative positive absolute abs fabs sqrt cbrt square exp exp2 log log2 log10 log1p expm1 sin cos tan arcsin arccos arctan "
        "sinh cosh tanh arcsinh arctanh floor ceil rint trunc sign deg2rad rad2deg degrees radians reciprocal conj conjugate spacing",
        ["numpy.array([0.5])", "numpy.array([0.5]), out=numpy.full(1, 9.0)", "0.5"],
    ),
    ("arccosh", ["A", "A, out=numpy.full(2, 9.0)", "1.5"]),
    ("isnan isinf isfinite logical_not signbit", ["A, out=numpy.zeros(2, bool)", "A, out=numpy.ones(2, bool)", "1.5"]),
    ("invert bitwise_not", ["I", "I, out=numpy.full(2, 9)", "5"]),
    (
        "sum prod mean std var nansum nanprod nanmean nanstd nanvar max min amax amin ptp nanmax nanmin nanmedian",
        ["A", "A, out=numpy.full((), 9.0)", "S, 0"],
    ),
    ("median", ["A", "A, out=numpy.full((), 9.0)", "S, 0", "numpy.array([5.0, 1.0, 4.0, 2.0, 3.0]), overwrite_input=True"]),
    ("argmax argmin nanargmax nanargmin", ["A", "A, out=numpy.full((), 9)", "S, 0"]),
    ("all any", ["A", "A, out=numpy.zeros((), bool)", "S, 0"]),
    ("cumsum cumprod nancumsum nancumprod ufunc.accumulate fft:irfft fft:hfft", ["A", "A, out=numpy.full(2, 9.0)"]),
    ("count_nonzero", ["A", "S, 0"]),
    (
        "percentile nanpercentile",
        ["A, 50", "A, 50, out=numpy.full((), 9.0)", "S, 50, 0", "numpy.array([5.0, 1.0, 4.0, 2.0, 3.0]), 50, overwrite_input=True"],
    ),
    (
        "quantile nanquantile",
        ["A, 0.5", "A, 0.5, out=numpy.full((), 9.0)", "S, 0.5, 0", "numpy.array([5.0, 1.0, 4.0, 2.0, 3.0]), 0.5, overwrite_input=True"],
    ),
    ("average", ["A", "S, 0", "A, returned=True"]),
    ("round around fix", ["numpy.array([1.5, 2.5])", "numpy.array([1.5, 2.5]), out=numpy.full(2, 9.0)", "1.5"]),
    ("clip", ["A, 1, 3", "A, 1, 3, out=numpy.full(2, 9.0)", "5.0, 1, 3"]),
    ("corrcoef cov", ["S", "A"]),
    ("diff", ["A", "A, 0"]),
    ("gradient", ["A", "numpy.ones((3, 3))"]),
    ("trapezoid diag", ["A", "S"]),
    (
        "convolve correlate append union1d intersect1d setdiff1d setxor1d isin histogram2d vdot kron polyadd polysub polymul allclose "
        "array_equal array_equiv shares_memory may_share_memory copyto",
        ["A, B"],
    ),
    ("angle", ["A", "1j"]),
    ("sinc", ["A", "0.5"]),
    ("hanning hamming blackman bartlett fft:fftfreq fft:rfftfreq", ["4"]),
    ("array", ["[1, 2]", "A", "A, copy=None"]),
    ("asarray asanyarray ascontiguousarray asfortranarray asarray_chkfinite require", ["[1, 2]", "A"]),
    (
        "zeros ones empty eye identity tri tril_indices triu_indices diag_indices ndarray.repeat ndarray.__add__ ndarray.__radd__ "
        "ndarray.__sub__ ndarray.__rsub__ ndarray.__mul__ ndarray.__rmul__ ndarray.__truediv__ ndarray.__rtruediv__ "
        "ndarray.__floordiv__ ndarray.__rfloordiv__ ndarray.__mod__ ndarray.__rmod__ ndarray.__pow__ ndarray.__rpow__ ndarray.__and__ "
        "ndarray.__rand__ ndarray.__or__ ndarray.__ror__ ndarray.__xor__ ndarray.__rxor__ ndarray.__lshift__ ndarray.__rlshift__ "
        "ndarray.__rshift__ ndarray.__rrshift__ ndarray.__divmod__ ndarray.__rdivmod__ ndarray.__lt__ ndarray.__le__ ndarray.__gt__ "
        "ndarray.__ge__ ndarray.__eq__ ndarray.__ne__ generic.__divmod__ generic.__rdivmod__ generic.repeat generic.fill "
        "ndindex.__init__ random:Generator.spawn random:SeedSequence.spawn random:SeedSequence.generate_state",
        ["2"],
    ),
    ("full", ["2, 1.5"]),
    ("full_like", ["A, 1.5"]),
    ("arange isscalar isrealobj iscomplexobj random:bytes random:RandomState.bytes random:Generator.bytes", ["3"]),
    ("linspace", ["1, 2, 3", "0, 1, 3, retstep=True"]),
    ("logspace geomspace", ["1, 2, 3"]),
    ("meshgrid", ["A, B", "A, B, copy=False"]),
    ("indices", ["(2, 2)", "(2, 2), sparse=True"]),
    ("fromiter", ["[1, 2], int"]),
    ("frombuffer", ["b'abcdefgh'", "bytearray(8)"]),
    ("fromstring", ["'1 2', sep=' '"]),
    ("fromfunction", ["recorder(), (2,)"]),
    (
        "tril triu ravel transpose permute_dims matrix_transpose fliplr flipud rot90 diagonal tril_indices_from triu_indices_from "
        "ndarray.__imatmul__ linalg:inv linalg:pinv linalg:slogdet linalg:eig linalg:eigh linalg:eigvals linalg:eigvalsh "
        "linalg:cholesky",
        ["S"],
    ),
    ("reshape", ["A, (2, 1)"]),
    ("swapaxes moveaxis", ["S, 0, 1"]),
    ("rollaxis", ["S, 1"]),
    ("expand_dims delete partition argpartition", ["A, 0"]),
    ("squeeze", ["numpy.ones((1, 2))"]),
    ("broadcast_to", ["A, (3, 2)"]),
    ("broadcast_arrays", ["A, S"]),
    ("atleast_1d atleast_2d atleast_3d", ["A", "A, B", "numpy.ones((2, 2, 2))"]),
    ("real", ["A", "numpy.float64(1)"]),
    ("imag", ["numpy.array([1j])", "numpy.float64(1)"]),
    ("split array_split tile repeat lib.stride_tricks:sliding_window_view", ["A, 2"]),
    ("hsplit vsplit linalg:matrix_power", ["S, 2"]),
    ("dsplit", ["numpy.ones((2, 2, 2)), 2"]),
    ("ix_", ["I, J"]),
    ("einsum", ["'ij,jk', S, S", "'ij,jk', S, S, out=numpy.full((2, 2), 9.0)", "'ii', S", "'ii->i', S"]),
    ("concatenate concat", ["[A, B]", "[A, B], out=numpy.full(4, 9.0)"]),
    ("stack", ["[A, B]", "[A, B], out=numpy.full((2, 2), 9.0)"]),
    ("vstack hstack dstack column_stack block lexsort", ["[A, B]"]),
    ("insert", ["A, 0, 3"]),
    ("pad roll", ["A, 1"]),
    ("resize result_type", ["A, 3"]),
    ("trim_zeros", ["A", "[0, 1]"]),
    ("where", ["A > 3", "A > 3, 1, 2"]),
    ("select", ["[A > 3], [A]"]),
    ("piecewise", ["A, [A > 3], [recorder(), 0]"]),
    ("choose", ["[0, 1], [A, B]", "[0, 1], [A, B], out=numpy.full(2, 9.0)"]),
    ("compress", ["[True], A", "[True], A, out=numpy.full(1, 9.0)"]),
    ("extract", ["A > 3, A"]),
    ("take", ["A, [0]", "A, [0], out=numpy.full(1, 9.0)", "A, 0"]),
    ("take_along_axis", ["A, numpy.array([0]), 0"]),
    ("unique", ["A", "A, return_counts=True"]),
    ("searchsorted", ["B, 3", "B, [3]"]),
    ("digitize", ["A, [1, 3]", "2.0, [1, 3]"]),
    ("bincount", ["J"]),
    ("dot", ["A, B", "S, S", "S, S, out=numpy.full((2, 2), 9.0)"]),
    ("inner", ["A, B", "S, S"]),
    ("outer", ["A, B", "A, B, out=numpy.full((2, 2), 9.0)"]),
    ("tensordot", ["S, S, 1"]),
    ("cross", ["[1, 2, 3], [3, 1, 2]"]),
    ("trace", ["S", "numpy.ones((2, 2, 2))"]),
    ("interp", ["1.5, [1, 2], [3, 4]", "A, [1, 2], [3, 4]"]),
    ("polyfit", ["[0.0, 1.0, 2.0], [1.0, 3.0, 5.0], 1", "[0.0, 1.0, 2.0], [1.0, 3.0, 5.0], 1, full=True"]),
    ("polyval", ["[1, 2], 3", "[1, 2], A"]),
    ("roots", ["[1, -3, 2]"]),
    ("polyder polyint", ["[1, 2, 3]"]),
    ("isclose", ["A, B", "1.0, 2.0"]),
    ("isreal iscomplex", ["A", "1.0"]),
    ("finfo", ["float"]),
    ("iinfo generic.astype dtype.__eq__ dtype.__ne__", ["int"]),
    ("broadcast_shapes", ["(2,), (1,)"]),
    ("unravel_index", ["1, (2, 2)"]),
    ("ravel_multi_index", ["(1, 1), (2, 2)", "(I, J), (9, 9)"]),
    ("apply_along_axis", ["recorder(), 0, A"]),
    ("apply_over_axes", ["lambda a, axis: a.sum(axis), S, [0]"]),
    ("put", ["A, 0, 9.0"]),
    ("put_along_axis", ["A, numpy.array([0]), 9.0, 0"]),
    ("place putmask", ["A, A > 3, [9.0]"]),
    ("fill_diagonal", ["S, 9.0"]),
    ("nan_to_num", ["A", "numpy.float64(3)", "numpy.array([numpy.nan, 2.0]), copy=False"]),
    ("format_float_positional format_float_scientific", ["1.5"]),
    ("base_repr binary_repr random:seed random:RandomState.seed", ["5"]),
    (
        "geterr get_printoptions ndarray.conj ndarray.conjugate ndarray.argsort ndarray.copy ndarray.diagonal ndarray.dumps "
        "ndarray.flatten ndarray.nonzero ndarray.ravel ndarray.setflags ndarray.sort ndarray.squeeze ndarray.tobytes ndarray.tolist "
        "ndarray.trace ndarray.transpose ndarray.view ndarray.__len__ ndarray.__iter__ ndarray.__bool__ ndarray.__int__ "
        "ndarray.__float__ ndarray.__complex__ ndarray.__index__ ndarray.__array__ ndarray.__copy__ ndarray.__repr__ ndarray.__str__ "
        "ndarray.__neg__ ndarray.__pos__ ndarray.__abs__ ndarray.__invert__ generic.sum generic.prod generic.mean generic.std "
        "generic.var generic.max generic.min generic.argmax generic.argmin generic.all generic.any generic.round generic.conj "
        "generic.conjugate generic.copy generic.squeeze generic.cumsum generic.cumprod generic.ravel generic.flatten generic.item "
        "generic.tolist generic.tobytes generic.__bool__ generic.__int__ generic.__float__ generic.__hash__ generic.__repr__ "
        "generic.__str__ generic.__neg__ generic.__pos__ generic.__abs__ generic.__invert__ generic.argsort generic.byteswap "
        "generic.transpose generic.view generic.resize generic.setflags generic.dumps generic.__array__ generic.__copy__ "
        "flatiter.__len__ flatiter.__iter__ flatiter.__next__ flatiter.copy",
        [""],
    ),
    ("seterr", ["divide='raise'"]),
    ("set_printoptions", ["precision=3"]),
    ("load", ["(numpy.save('new.npy', [1]), 'new.npy')[1]"]),
    ("save", ["'new.npy', [1]"]),
    ("savez savez_compressed", ["'new.npz', [1]"]),
    ("loadtxt genfromtxt", ["'numbers.txt'"]),
    ("savetxt", ["'new.txt', [1]"]),
    ("fromfile", ["'sample.txt', numpy.uint8"]),
    ("ndarray.__init__", ["(2,)"]),
    ("ndarray.sum ndarray.prod ndarray.mean ndarray.std ndarray.var ndarray.max ndarray.min", ["", "0", "out=numpy.full((), 9.0)"]),
    ("ndarray.argmax ndarray.argmin", ["", "0", "out=numpy.full((), 9)"]),
    ("ndarray.all ndarray.any", ["", "0", "out=numpy.zeros((), bool)"]),
    ("ndarray.cumsum ndarray.cumprod ndarray.round", ["", "out=numpy.full(2, 9.0)"]),
    ("ndarray.clip", ["1, 2", "1, 2, numpy.full(2, 9.0)"]),
    ("ndarray.argpartition ndarray.item ndarray.partition generic.take", ["0"]),
    ("ndarray.astype", ["int", "float, copy=False"]),
    ("ndarray.byteswap", ["", "True"]),
    ("ndarray.choose", ["[[1, 2], [3, 4]], mode='wrap'"]),
    ("ndarray.compress", ["[True]", "[True], out=numpy.full(1, 9.0)"]),
    ("ndarray.dot", ["B", "S, numpy.full(2, 9.0)"]),
    ("ndarray.dump generic.dump", ["'new.npy'"]),
    ("ndarray.fill", ["9.0"]),
    ("ndarray.put ndarray.__setitem__ flatiter.__setitem__", ["0, 9.0"]),
    ("ndarray.reshape", ["(2, 1)", "-1"]),
    ("ndarray.resize", ["3, refcheck=False"]),
    ("ndarray.searchsorted", ["3", "[3]"]),
    ("ndarray.swapaxes", ["0, 0"]),
    ("ndarray.take", ["[0]", "[0], out=numpy.full(1, 9.0)", "0"]),
    ("ndarray.tofile generic.tofile", ["'new.bin'"]),
    ("ndarray.__getitem__ flatiter.__getitem__", ["0", "slice(1)"]),
    ("ndarray.__contains__", ["4.0"]),
    ("ndarray.__deepcopy__ generic.__deepcopy__", ["{}"]),
    ("ndarray.__format__ generic.__format__", ["''"]),
    (
        "ndarray.__iadd__ ndarray.__isub__ ndarray.__imul__ ndarray.__itruediv__ ndarray.__ifloordiv__ ndarray.__imod__ "
        "ndarray.__ipow__ ndarray.__matmul__ ndarray.__rmatmul__",
        ["numpy.array([2.0, 4.0])"],
    ),
    ("ndarray.__iand__ ndarray.__ior__ ndarray.__ixor__ ndarray.__ilshift__ ndarray.__irshift__", ["numpy.array([2, 4])"]),
    ("ndarray.getfield generic.getfield", ["'i4'"]),
    ("ndarray.setfield", ["9, 'i4'"]),
    ("ndarray.to_device generic.to_device", ["'cpu'"]),
    ("generic.clip", ["1, 2"]),
    ("generic.reshape", ["1"]),
    ("generic.__getitem__", ["()"]),
    (
        "generic.__add__ generic.__radd__ generic.__sub__ generic.__rsub__ generic.__mul__ generic.__rmul__ generic.__truediv__ "
        "generic.__rtruediv__ generic.__floordiv__ generic.__rfloordiv__ generic.__mod__ generic.__rmod__ generic.__pow__ "
        "generic.__rpow__ generic.__and__ generic.__rand__ generic.__or__ generic.__ror__ generic.__xor__ generic.__rxor__ "
        "generic.__lshift__ generic.__rlshift__ generic.__rshift__ generic.__rrshift__ generic.__lt__ generic.__le__ generic.__gt__ "
        "generic.__ge__ generic.__eq__ generic.__ne__",
        ["2", "numpy.array([2, 4])"],
    ),
    ("generic.compress", ["[True]"]),
    ("generic.put", ["0, 1"]),
    ("_mgrid.__getitem__", ["slice(0, 2)"]),
    ("_ogrid.__getitem__", ["slice(0, 2)", "(slice(0, 2), slice(0, 3))"]),
    ("_joined.__getitem__", ["(A, B)"]),
    ("dtype.__init__", ["'int64'"]),
    ("errstate.__exit__ nditer.__exit__", ["None, None, None"]),
    ("vectorize.__init__", ["recorder()"]),
    ("vectorize.__call__", ["[1]"]),
    ("ufunc.at", ["A, 0, 1"]),
    ("ufunc.reduce", ["A", "S", "S, out=numpy.full(2, 9.0)"]),
    ("ufunc.reduceat", ["A, [0]", "A, [0], out=numpy.full(1, 9.0)"]),
    ("ufunc.outer", ["A, B", "1, 2"]),
    ("linalg:norm", ["S", "S, axis=0"]),
    ("linalg:det linalg:matrix_rank linalg:cond", ["S", "[S]"]),
    ("linalg:solve linalg:tensorsolve", ["S, A"]),
    ("linalg:lstsq", ["S, A, None"]),
    ("linalg:svd", ["S", "S, compute_uv=False"]),
    ("linalg:qr", ["S", "S, 'r'"]),
    ("linalg:multi_dot", ["[S, S]", "[S, S], out=numpy.full((2, 2), 9.0)"]),
    ("fft:fft fft:ifft fft:rfft fft:ihfft", ["A", "A, out=numpy.full(2, 9j)"]),
    ("fft:fft2 fft:ifft2 fft:rfft2 fft:fftn fft:ifftn fft:rfftn", ["S", "S, out=numpy.full((2, 2), 9j)"]),
    ("fft:irfft2 fft:irfftn", ["S", "S, out=numpy.full((2, 2), 9.0)"]),
    (
        "random:random random:RandomState.random random:uniform random:RandomState.uniform random:Generator.uniform random:normal "
        "random:RandomState.normal random:Generator.normal random:standard_normal random:RandomState.standard_normal "
        "random:random_sample random:RandomState.random_sample random:exponential random:RandomState.exponential "
        "random:Generator.exponential random:standard_exponential random:RandomState.standard_exponential random:poisson "
        "random:RandomState.poisson random:Generator.poisson random:lognormal random:RandomState.lognormal random:Generator.lognormal "
        "random:laplace random:RandomState.laplace random:Generator.laplace random:logistic random:RandomState.logistic "
        "random:Generator.logistic random:rayleigh random:RandomState.rayleigh random:Generator.rayleigh",
        ["", "size=2"],
    ),
    (
        "random:Generator.random random:Generator.standard_normal random:Generator.standard_exponential",
        ["", "size=2", "out=numpy.full(2, 9.0)"],
    ),
    ("random:rand random:RandomState.rand random:randn random:RandomState.randn", ["", "3"]),
    ("random:randint random:RandomState.randint random:Generator.integers", ["9", "9, size=2"]),
    ("random:binomial random:RandomState.binomial random:Generator.binomial", ["9, 0.5", "9, 0.5, size=2"]),
    ("random:beta random:RandomState.beta random:Generator.beta", ["1.0, 2.0", "1.0, 2.0, size=2"]),
    (
        "random:gamma random:RandomState.gamma random:Generator.gamma random:weibull random:RandomState.weibull "
        "random:Generator.weibull random:pareto random:RandomState.pareto random:Generator.pareto",
        ["1.0", "1.0, size=2"],
    ),
    ("random:geometric random:RandomState.geometric random:Generator.geometric", ["0.5", "0.5, size=2"]),
    (
        "random:chisquare random:RandomState.chisquare random:Generator.chisquare random:standard_t random:RandomState.standard_t "
        "random:Generator.standard_t",
        ["2", "2, size=2"],
    ),
    ("random:triangular random:RandomState.triangular random:Generator.triangular", ["0, 1, 2", "0, 1, 2, size=2"]),
    ("random:multinomial random:RandomState.multinomial random:Generator.multinomial", ["3, [0.5, 0.5]"]),
    (
        "random:multivariate_normal random:RandomState.multivariate_normal random:Generator.multivariate_normal",
        ["[0, 0], S"],
    ),
    ("random:dirichlet random:RandomState.dirichlet random:Generator.dirichlet", ["[1.0, 2.0]"]),
    ("random:choice random:RandomState.choice", ["[1, 2, 3]", "[1, 2, 3], 2", "5"]),
    (
        "random:permutation random:shuffle random:RandomState.permutation random:RandomState.shuffle random:Generator.permutation "
        "random:Generator.shuffle",
        ["[1, 2, 3, 4, 5, 6, 7]"],
    ),
    ("random:Generator.choice", ["[1, 2, 3]", "[1, 2, 3], 2"]),
    ("random:Generator.permuted", ["numpy.arange(7)", "numpy.arange(7), out=numpy.full(7, 9)"]),
    ("random:get_state", ["", "False"]),
    ("random:set_state", ["numpy.random.RandomState(5).get_state()"]),
    ("random:default_rng", ["", "3", "numpy.random.default_rng(3)"]),
    ("random:Generator.__init__", ["numpy.random.PCG64(3)"]),
]
INSTANCES: dict[str, list[str]] = {
    "numpy:ndarray": [
        "numpy.array([4.0, 2.0])",
        "numpy.array([[1.0, 2.0], [3.0, 4.0]])",
        "numpy.array([6, 3])",
        "numpy.array(5)",
        "numpy.ones((2, 2, 2))",
    ],
    "numpy:generic": ["numpy.float64(1.5)", "numpy.int64(5)", "numpy.bool_(True)"],
    "numpy:flatiter": ["numpy.array([4.0, 2.0]).flat"],
    "numpy:_mgrid": ["numpy.mgrid"],
    "numpy:_ogrid": ["numpy.ogrid"],
    "numpy:_joined": ["numpy.r_", "numpy.c_"],
    "numpy:dtype": ["numpy.dtype('int64')"],
    "numpy:nditer": ["numpy.nditer(numpy.array([4.0]))", "numpy.nditer([numpy.array([4.0]), numpy.array([1.0])])"],
    "numpy:ndenumerate": ["numpy.ndenumerate(numpy.array([4.0]))"],
    "numpy:ndindex": ["numpy.ndindex(2)"],
    "numpy.random:SeedSequence": ["numpy.random.SeedSequence(3)"],
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
