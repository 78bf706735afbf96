"""CAD files written by hand, so that a test knows what is in them."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path

import numpy as np

STEP_UNITS = {
    "mm": "#2=(LENGTH_UNIT()NAMED_UNIT(*)SI_UNIT(.MILLI.,.METRE.));",
    "m": "#2=(LENGTH_UNIT()NAMED_UNIT(*)SI_UNIT($,.METRE.));",
    "in": "#2=(CONVERSION_BASED_UNIT('INCH',#8)LENGTH_UNIT()NAMED_UNIT(#9));\n"
    "#8=LENGTH_MEASURE_WITH_UNIT(LENGTH_MEASURE(25.4),#7);\n"
    "#9=DIMENSIONAL_EXPONENTS(1.,0.,0.,0.,0.,0.,0.);\n"
    "#7=(LENGTH_UNIT()NAMED_UNIT(*)SI_UNIT(.MILLI.,.METRE.));",
    None: "",
}

#: A box of unit edges: its corners, and its sides as loops that turn left seen from outside.
CORNERS = np.array([[x, y, z] for z in (0, 1) for y in (0, 1) for x in (0, 1)], dtype=float)
SIDES = [(0, 2, 3, 1), (4, 5, 7, 6), (0, 1, 5, 4), (2, 6, 7, 3), (0, 4, 6, 2), (1, 3, 7, 5)]
FACES = np.array([t for a, b, c, d in SIDES for t in ((a, b, c), (a, c, d))])


def step_box(path: Path, size: tuple[float, float, float], unit: str | None) -> Path:
    """Write a box as a faceted solid in ISO 10303-21; `size` is in the unit, None leaves the unit out."""
    lines = [STEP_UNITS[unit]]
    lines += ["#3=(NAMED_UNIT(*)PLANE_ANGLE_UNIT()SI_UNIT($,.RADIAN.));"]
    lines += ["#4=(NAMED_UNIT(*)SI_UNIT($,.STERADIAN.)SOLID_ANGLE_UNIT());"]
    units = "(#2,#3,#4)" if unit else "(#3,#4)"
    lines += [
        f"#5=(GEOMETRIC_REPRESENTATION_CONTEXT(3)GLOBAL_UNIT_ASSIGNED_CONTEXT({units})REPRESENTATION_CONTEXT('',''));"
    ]
    for n, corner in enumerate(CORNERS * size):
        lines.append(f"#{20 + n}=CARTESIAN_POINT('',({','.join(f'{c:.6f}' for c in corner)}));")
    sides = []
    for n, side in enumerate(SIDES):
        at = 100 + 10 * n
        a, b, c = (CORNERS[i] for i in side[:3])
        across, out = b - a, np.cross(b - a, c - b)
        lines.append(f"#{at}=POLY_LOOP('',({','.join(f'#{20 + c}' for c in side)}));")
        lines.append(f"#{at + 1}=FACE_OUTER_BOUND('',#{at},.T.);")
        lines.append(f"#{at + 3}=DIRECTION('',({','.join(f'{v:.1f}' for v in out)}));")
        lines.append(f"#{at + 4}=DIRECTION('',({','.join(f'{v:.1f}' for v in across)}));")
        lines.append(f"#{at + 5}=AXIS2_PLACEMENT_3D('',#{20 + side[0]},#{at + 3},#{at + 4});")
        lines.append(f"#{at + 6}=PLANE('',#{at + 5});")
        lines.append(f"#{at + 2}=FACE_SURFACE('',(#{at + 1}),#{at + 6},.T.);")
        sides.append(f"#{at + 2}")
    lines += [
        f"#70=CLOSED_SHELL('',({','.join(sides)}));",
        "#71=FACETED_BREP('',#70);",
        "#72=FACETED_BREP_SHAPE_REPRESENTATION('',(#71),#5);",
        "#80=APPLICATION_CONTEXT('design');",
        "#81=PRODUCT_CONTEXT('',#80,'mechanical');",
        "#82=PRODUCT('box','box','',(#81));",
        "#83=PRODUCT_DEFINITION_FORMATION('','',#82);",
        "#84=PRODUCT_DEFINITION_CONTEXT('',#80,'design');",
        "#85=PRODUCT_DEFINITION('','',#83,#84);",
        "#86=PRODUCT_DEFINITION_SHAPE('','',#85);",
        "#87=SHAPE_DEFINITION_REPRESENTATION(#86,#72);",
    ]
    head = "ISO-10303-21;\nHEADER;\nFILE_DESCRIPTION((''),'2;1');\nFILE_NAME('','',(''),(''),'','','');\n"
    body = "FILE_SCHEMA(('CONFIG_CONTROL_DESIGN'));\nENDSEC;\nDATA;\n" + "\n".join(lines)
    path.write_text(head + body + "\nENDSEC;\nEND-ISO-10303-21;\n", encoding="ascii")
    return path


def stl(path: Path, triangles: np.ndarray) -> Path:
    """Write triangles (m, 3, 3) as a binary STL; normals are left zero, as many programs do."""
    triangles = np.asarray(triangles, dtype="<f4")
    record = np.zeros(len(triangles), dtype=[("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("none", "<u2")])
    record["corners"] = triangles
    path.write_bytes(b"\0" * 80 + struct.pack("<I", len(triangles)) + record.tobytes())
    return path


def ascii_stl(path: Path, triangles: np.ndarray) -> Path:
    """Write triangles as an ASCII STL."""
    lines = ["solid made"]
    for triangle in triangles:
        lines += ["facet normal 0 0 0", "outer loop", *(f"vertex {x} {y} {z}" for x, y, z in triangle)]
        lines += ["endloop", "endfacet"]
    path.write_text("\n".join([*lines, "endsolid made"]) + "\n", encoding="ascii")
    return path


def obj(path: Path, vertices: np.ndarray, faces: np.ndarray) -> Path:
    """Write a Wavefront OBJ in two groups."""
    lines = [f"v {x} {y} {z}" for x, y, z in vertices]
    half = len(faces) // 2
    lines += ["g one", *(f"f {a + 1} {b + 1} {c + 1}" for a, b, c in faces[:half])]
    lines += ["g two", *(f"f {a + 1} {b + 1} {c + 1}" for a, b, c in faces[half:])]
    path.write_text("\n".join(lines) + "\n", encoding="ascii")
    return path


def ply(path: Path, vertices: np.ndarray, faces: np.ndarray) -> Path:
    """Write an ASCII PLY."""
    lines = ["ply", "format ascii 1.0", f"element vertex {len(vertices)}"]
    lines += [f"property float {axis}" for axis in "xyz"]
    lines += [f"element face {len(faces)}", "property list uchar int vertex_indices", "end_header"]
    lines += [f"{x} {y} {z}" for x, y, z in vertices] + [f"3 {a} {b} {c}" for a, b, c in faces]
    path.write_text("\n".join(lines) + "\n", encoding="ascii")
    return path


def package3mf(path: Path, vertices: np.ndarray, faces: np.ndarray, *, unit: str | None, build: str = "") -> Path:
    """Write a 3MF package with the mesh as object 1; `build` adds objects and items of its own."""
    named = f' unit="{unit}"' if unit else ""
    core = "http://schemas.microsoft.com/3dmanufacturing/core/2015/02"
    points = "".join(f'<vertex x="{x}" y="{y}" z="{z}"/>' for x, y, z in vertices)
    triangles = "".join(f'<triangle v1="{a}" v2="{b}" v3="{c}"/>' for a, b, c in faces)
    mesh = f"<mesh><vertices>{points}</vertices><triangles>{triangles}</triangles></mesh>"
    rest = build or '</resources><build><item objectid="1"/></build>'
    model = f'<model{named} xmlns="{core}"><resources><object id="1" type="model">{mesh}</object>{rest}</model>'
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("3D/3dmodel.model", '<?xml version="1.0" encoding="UTF-8"?>' + model)
    return path
