/* The two loops of integers.py over every element of a list, which it does itself where this was not compiled.

   Only public functions of the interpreter are used, so that one source serves all its versions. Nothing in here runs Python code or
   lets go of the interpreter's lock: no list changes its size meanwhile. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>
#include <string.h>

#ifdef Py_GIL_DISABLED
#error "without the interpreter's lock, another thread may change the list"
#endif

static inline int64_t
get(const char *raw, Py_ssize_t i, Py_ssize_t width)
{
    int16_t narrow;
    int32_t medium;
    int64_t value;
    switch (width) {
    case 2:
        memcpy(&narrow, raw + 2 * i, 2);
        return narrow;
    case 4:
        memcpy(&medium, raw + 4 * i, 4);
        return medium;
    default:
        memcpy(&value, raw + 8 * i, 8);
        return value;
    }
}

static inline void
put(char *raw, Py_ssize_t i, Py_ssize_t width, int64_t value)
{
    int16_t narrow = (int16_t)value;
    int32_t medium = (int32_t)value;
    switch (width) {
    case 2:
        memcpy(raw + 2 * i, &narrow, 2);
        break;
    case 4:
        memcpy(raw + 4 * i, &medium, 4);
        break;
    default:
        memcpy(raw + 8 * i, &value, 8);
    }
}

PyDoc_STRVAR(packed_doc, "packed(list) -> (bytes of an integer, all bytes); None where one is not exactly int or has more than 64 bits.");

static PyObject *
packed(PyObject *Py_UNUSED(module), PyObject *items)
{
    if (!PyList_CheckExact(items)) {
        PyErr_SetString(PyExc_TypeError, "packed() takes a list");
        return NULL;
    }
    Py_ssize_t count = PyList_GET_SIZE(items), width = 2;
    PyObject *data = PyBytes_FromStringAndSize(NULL, 8 * count); /* no overflow: the list has as many bytes */
    if (data == NULL) {
        return NULL;
    }
    char *raw = PyBytes_AS_STRING(data);
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *item = PyList_GET_ITEM(items, i);
        int overflow = 1;
        int64_t value = PyLong_CheckExact(item) ? PyLong_AsLongLongAndOverflow(item, &overflow) : 0;
        if (overflow) {
            Py_DECREF(data);
            Py_RETURN_NONE;
        }
        int64_t bits = value < 0 ? ~value : value;
        Py_ssize_t needed = bits <= INT16_MAX ? 2 : bits <= INT32_MAX ? 4 : 8;
        if (needed > width) {
            for (Py_ssize_t j = i; j-- > 0;) { /* in place, so from the end */
                put(raw, j, needed, get(raw, j, width));
            }
            width = needed;
        }
        put(raw, i, width, value);
    }
    if (_PyBytes_Resize(&data, width * count) < 0) { /* then it has let go of it */
        return NULL;
    }
    return Py_BuildValue("(nN)", width, data);
}

/* Where each 16-bit integer was met last, in whatever buffer: it counts only where it does stand there in this one. */
static uint32_t last_at[1 << 16];

PyDoc_STRVAR(unpacked_doc, "unpacked(bytes of an integer, buffer) -> list; of those of two bytes, equal ones are one object.");

static PyObject *
unpacked(PyObject *Py_UNUSED(module), PyObject *args)
{
    Py_buffer view;
    Py_ssize_t width;
    if (!PyArg_ParseTuple(args, "ny*", &width, &view)) {
        return NULL;
    }
    const char *raw = view.buf;
    Py_ssize_t count = view.len / width;
    PyObject *items = PyList_New(count);
    for (Py_ssize_t i = 0; items != NULL && i < count; i++) {
        int64_t value = get(raw, i, width);
        PyObject *item = NULL;
        if (width == 2) {
            Py_ssize_t at = last_at[(uint16_t)value];
            last_at[(uint16_t)value] = (uint32_t)i;
            if (at < i && get(raw, at, 2) == value) {
                item = PyList_GET_ITEM(items, at);
                Py_INCREF(item);
            }
        }
        if (item == NULL) {
            item = PyLong_FromLongLong(value);
        }
        if (item == NULL) {
            Py_CLEAR(items);
        } else {
            PyList_SET_ITEM(items, i, item);
        }
    }
    PyBuffer_Release(&view);
    return items;
}

static PyMethodDef methods[] = {
    {"packed", packed, METH_O, packed_doc},
    {"unpacked", unpacked, METH_VARARGS, unpacked_doc},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, .m_name = "_integers", .m_methods = methods};

PyMODINIT_FUNC
PyInit__integers(void)
{
    return PyModuleDef_Init(&definition);
}
