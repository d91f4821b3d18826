import keras
import numpy as np

from seqzoo.tasks.columns import as_columns


@keras.saving.register_keras_serializable("seqzoo")
class TableModel(keras.Model):
    """A functional Keras model that takes a table: a dictionary of named columns.

    `keras.Model` takes columns that are arrays; this one also takes lists, of strings too, and
    pandas data frames, in `fit` (and its `validation_data`), `evaluate` and `predict`, and a
    single row, whose columns are single values. Columns that it does not read are left out.

    Example:

    >>> size = keras.Input((1,), name="size")
    >>> model = TableModel([size], keras.layers.Rescaling(2.0)(size))
    >>> model.predict({"size": [1.5, 2.0]}, verbose=0)
    array([[3.],
           [4.]], dtype=float32)
    """

    def fit(self, x=None, y=None, validation_data=None, **kwargs):
        if isinstance(validation_data, (list, tuple)):
            validation_data = (self._read(validation_data[0]), *map(np.asarray, validation_data[1:]))
        y = y if y is None else np.asarray(y)
        return super().fit(self._read(x), y, validation_data=validation_data, **kwargs)

    def evaluate(self, x=None, y=None, **kwargs):
        return super().evaluate(self._read(x), y if y is None else np.asarray(y), **kwargs)

    def predict(self, x, **kwargs):
        return super().predict(self._read(x), **kwargs)

    def _read(self, table):
        if not hasattr(table, "keys"):
            return table
        missing = [i.name for i in self.inputs if i.name not in table.keys()]
        if missing:
            raise ValueError(
                f"The table must have the columns {', '.join(repr(i.name) for i in self.inputs)}. Received: "
                f"{', '.join(map(repr, table.keys()))}. Add {missing[0]!r}; an unknown number is nan, an "
                'unknown word "".'
            )
        columns = as_columns({i.name: table[i.name] for i in self.inputs})
        return {i.name: _checked(columns[i.name], i) for i in self.inputs}


def _checked(column, tensor):
    """The column, where it is of the kind that the input takes."""
    words = tensor.dtype == "string"
    if words and column.dtype != object and np.isnan(column).all():
        column = np.full(len(column), "", object)  # nothing but unknown words
    if words != (column.dtype == object):
        raise ValueError(
            f"Column {tensor.name!r} must hold {'words' if words else 'numbers'}. Received: "
            f"{column.tolist()[0]!r}. Give what the model was built from."
        )
    return column
