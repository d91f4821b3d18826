"""What the recipe of a dataset says, for the parameters of its task's notebook."""

from collections.abc import Mapping

from seqzoo.registry import get_task, list_tasks
from seqzoo.runs.parameters import Parameter


def recipe_values(task: str, parameters: Mapping[str, Parameter], given: Mapping) -> dict:
    """The values of a dataset's own recipe, for parameters that nobody gave.

    A notebook's defaults are its task's recipe. A dataset with another one changes those that it
    names; none where the notebook is not a task's.

    Args:
        task: the notebook's name.
        parameters: of the notebook, by name.
        given: values by name; `dataset` says whose recipe it is.

    Example:

    >>> parameters = {"dataset": Parameter("dataset", str, "mini"), "pooling": Parameter("pooling", str, "last")}
    >>> recipe_values("sentiment", parameters, {"dataset": "imdb_reviews"})
    {'pooling': 'max_mean'}
    >>> recipe_values("sentiment", parameters, {})
    {}
    """
    if task not in list_tasks() or "dataset" not in parameters:
        return {}
    settings = get_task(task).recipe_of(given.get("dataset", parameters["dataset"].default)).settings()
    return {
        name: settings[name]
        for name, parameter in parameters.items()
        if name in settings and name not in given and settings[name] != parameter.default
    }


def defaults(task: str, parameters: Mapping[str, Parameter], given: Mapping) -> dict:
    """The values of all parameters where nobody gave others: the notebook's own, or those of the dataset's recipe.

    Args:
        task, parameters, given: as above.

    Example:

    >>> defaults("sentiment", {"epochs": Parameter("epochs", int, 6)}, {})
    {'epochs': 6}
    """
    own = {name: parameter.default for name, parameter in parameters.items()}
    return own | recipe_values(task, parameters, given)


def other_values(task: str, parameters: Mapping[str, Parameter], values: Mapping) -> dict:
    """Where a notebook as it stands does not follow its dataset's recipe: what that says instead.

    Args:
        task, parameters: as above.
        values: of all parameters, by name.
    """
    dataset = {name: value for name, value in values.items() if name == "dataset"}
    recipe = recipe_values(task, parameters, dataset)
    return {name: value for name, value in recipe.items() if name in values and values[name] != value}
