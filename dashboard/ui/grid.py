"""The table component, whose code a browser fetches only where a table is shown."""

from __future__ import annotations

from typing import Any

import dash_ag_grid

# Dash puts the code of every imported component library on every page, and this one weighs more
# than all else on the label page. It stays available; the script asks for it when it is needed.
for _file in dash_ag_grid._js_dist:
    if _file["relative_package_path"] == "dash_ag_grid.min.js":
        _file["dynamic"] = True

BLOCK = 100  # rows of one request


def infinite_grid(id_: str, *, columns: list[dict[str, Any]], rows: int) -> Any:
    """A table that asks the server for the rows in sight, sorted by it.

    Parameters
    ----------
    id_
        Id of the component.
    columns
        Their definitions.
    rows
        How many there may be, until the first answer says.

    """
    return dash_ag_grid.AgGrid(
        id=id_,
        rowModelType="infinite",
        columnDefs=columns,
        defaultColDef={
            "resizable": True,
            "suppressHeaderMenuButton": True,
            "suppressMovable": True,
            "sortingOrder": ["desc", "asc"],
        },
        getRowId="params.data.key",
        dashGridOptions={
            "cacheBlockSize": BLOCK,
            "maxBlocksInCache": 6,
            "maxConcurrentDatasourceRequests": 1,  # the component answers the last request only
            "blockLoadDebounceMillis": 60,
            "infiniteInitialRowCount": rows or 1,
            "rowHeight": 36,
            "headerHeight": 38,
            "suppressMultiSort": True,
            "suppressFieldDotNotation": True,  # a class may have a dot in its name
            "enableCellTextSelection": True,
            "ensureDomOrder": True,
            "localeText": {"noRowsToShow": "Nothing is like this. Clear shows all rows again."},
        },
        style={"height": "100%"},
    )
