import keras
import numpy as np
import pandas as pd
import pytest

from seqzoo.tasks.columns import encode
from seqzoo.tasks.table_model import TableModel

COLUMNS = {"mass": [3.0, 5.0, 7.0], "island": ["Dream", "Biscoe", "Dream"]}
DEVIATION = np.sqrt(8 / 3)


def encoder(columns):
    x = encode(columns)
    return TableModel(keras.utils.get_source_inputs(x), x)


def test_numbers_are_standardized_and_words_get_places():
    expected = [[-2 / DEVIATION, 0, 1], [0, 1, 0], [2 / DEVIATION, 0, 1]]
    np.testing.assert_allclose(encoder(COLUMNS).predict(COLUMNS, verbose=0), expected, atol=1e-6)


def test_what_is_unknown_is_zero():
    unknown = {"mass": [np.nan, None, 5.0], "island": ["", None, "Torgersen"]}
    np.testing.assert_array_equal(encoder(COLUMNS).predict(unknown, verbose=0), np.zeros((3, 3)))
    alone = {"mass": [np.nan], "island": [None]}
    np.testing.assert_array_equal(encoder(COLUMNS).predict(alone, verbose=0), np.zeros((1, 3)))


def test_missing_numbers_do_not_count_in_the_mean():
    known, holes = {"mass": [3.0, 5.0, 7.0]}, {"mass": [3.0, np.nan, 5.0, None, 7.0]}
    np.testing.assert_array_equal(
        encoder(holes).predict(known, verbose=0), encoder(known).predict(known, verbose=0)
    )


def test_a_column_that_never_changes_harms_nothing():
    assert encoder({"mass": [4, 4, 4]}).predict({"mass": [4, 5]}, verbose=0).tolist() == [[0], [1]]


def test_data_frames_are_read_by_name():
    frame = pd.DataFrame({"year": [2007, 2008, 2009], "island": COLUMNS["island"], "mass": COLUMNS["mass"]})
    model = encoder(COLUMNS)
    np.testing.assert_array_equal(model.predict(frame, verbose=0), model.predict(COLUMNS, verbose=0))
    frame.loc[0, ["island", "mass"]] = None
    assert model.predict(frame, verbose=0)[0].tolist() == [0, 0, 0]


def test_saves_and_loads(tmp_path):
    model = encoder(COLUMNS)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras", safe_mode=True)
    unknown = {"mass": [np.nan, 6], "island": ["Biscoe", "?"]}
    np.testing.assert_array_equal(loaded.predict(unknown, verbose=0), model.predict(unknown, verbose=0))


@pytest.mark.parametrize(
    "columns, message",
    [
        ({"mass": [1, 2], "sex": ["male"]}, "same length.*'mass': 2, 'sex': 1"),
        ({"mass": []}, "at least 1"),
        ({"mass": ["3", 4]}, "'mass' must hold words or numbers, not both. Received: 4"),
        ({"mass": [np.nan, np.nan]}, "nothing but nan"),
        ({"sex": ["", ""]}, "none but empty ones"),
        ({"box": [[1, 2], [3, 4]]}, r"shape \(rows,\). Received: shape \(2, 2\)"),
    ],
)
def test_columns_that_do_not_fit_are_refused(columns, message):
    with pytest.raises(ValueError, match=message):
        encode(columns)


def test_other_columns_than_those_of_training_are_refused():
    model = encoder(COLUMNS)
    with pytest.raises(ValueError, match="'mass', 'island'.*Received: 'mass'. Add 'island'"):
        model.predict({"mass": [3.0]}, verbose=0)
    with pytest.raises(ValueError, match="'mass' must hold numbers. Received: 'heavy'"):
        model.predict({"mass": ["heavy"], "island": ["Dream"]}, verbose=0)
    with pytest.raises(ValueError, match="'island' must hold words. Received: 3.0"):
        model.predict({"mass": [3.0], "island": [3.0]}, verbose=0)
