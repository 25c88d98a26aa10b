"""Cases that make tables: CreateTable right and wrong, then what describes, changes and drops them."""

import copy

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from tests.differential.case import TABLE, Case, Index, Request, Schema, Step
from tests.differential.strategies.items import maybe
from tests.differential.strategies.spoiling import spoiled

_NAMES = ["pk", "sk", "g", "h", "l"]
_THROUGHPUT = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}


@st.composite
def table_cases(draw: DrawFn) -> Case:
    """A table's life, from CreateTable on."""
    create = Step("CreateTable", draw(_creations()))
    if draw(st.integers(0, 1)) == 0:
        create = draw(_spoiled(create))
    steps = [create, Step("DescribeTable", {"TableName": TABLE})]
    for _ in range(draw(st.integers(0, 2))):
        step = draw(_changes())
        steps.append(draw(_spoiled(step)) if draw(st.integers(0, 4)) == 0 else step)
    steps.append(Step("DeleteTable", {"TableName": TABLE}))
    return Case(None, tuple(steps))


@st.composite
def _spoiled(draw: DrawFn, step: Step) -> Step:
    """Spoiled, but for the name: what was made has to be dropped again."""
    made: Step = draw(spoiled(step))
    request = made.request if isinstance(made.request, dict) else {}
    return made._replace(request={**copy.deepcopy(request), "TableName": TABLE})


@st.composite
def _creations(draw: DrawFn) -> Request:
    names = draw(st.permutations(_NAMES))
    hash_name, range_name = names[0], draw(st.sampled_from([names[1], names[1], None, names[0]]))
    indexes = []
    for number in range(draw(st.sampled_from([0, 0, 1, 2]))):
        is_global = draw(st.booleans())
        indexes.append(
            Index(
                draw(st.sampled_from([f"index{number}", f"index{number}", "index0", "i"])),
                names[2] if is_global else draw(st.sampled_from([hash_name, hash_name, names[3]])),
                draw(st.sampled_from([names[4], names[3], None, names[2]])),
                draw(st.sampled_from(["ALL", "KEYS_ONLY", "INCLUDE", "ALL"])),
                draw(st.sampled_from([(), (), ("a",), ("a", "b"), ("a", "a"), (hash_name,)])),
                is_global,
            )
        )
    used = dict.fromkeys([hash_name, *([range_name] if range_name else []), *(k for i in indexes for k in i.keys)])
    types = tuple((name, draw(st.sampled_from("SSNB"))) for name in used)
    if draw(st.integers(0, 9)) == 0:
        types = types[:-1]
    elif draw(st.integers(0, 9)) == 0:
        types = (*types, ("unused", "S"))
    request = Schema(hash_name, range_name, types, tuple(indexes)).to_wire(TABLE)
    if draw(st.integers(0, 2)) == 0:
        request["BillingMode"] = draw(st.sampled_from(["PROVISIONED", "PROVISIONED", "PAY_PER_REQUEST"]))
        request["ProvisionedThroughput"] = dict(_THROUGHPUT)
        for index in request.get("GlobalSecondaryIndexes", []):
            index["ProvisionedThroughput"] = dict(_THROUGHPUT)
    maybe(
        draw,
        request,
        "StreamSpecification",
        st.sampled_from(
            [
                None,
                None,
                {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
                {"StreamEnabled": False},
                {"StreamEnabled": True},
                {"StreamEnabled": False, "StreamViewType": "NEW_IMAGE"},
            ]
        ),
    )
    maybe(draw, request, "DeletionProtectionEnabled", st.sampled_from([None, None, False]))
    return request


@st.composite
def _changes(draw: DrawFn) -> Step:
    kind = draw(st.integers(0, 7))
    name: Request = {"TableName": TABLE}
    if kind == 0:
        return Step("DescribeTimeToLive", name)
    if kind == 1:
        specification = {"AttributeName": draw(st.sampled_from(["ttl", ""])), "Enabled": draw(st.booleans())}
        return Step("UpdateTimeToLive", {**name, "TimeToLiveSpecification": specification})
    if kind == 2:
        return Step("UpdateTable", {**name, "StreamSpecification": {"StreamEnabled": draw(st.booleans())}})
    if kind == 3:
        request: Request = {**name, "BillingMode": draw(st.sampled_from(["PROVISIONED", "PAY_PER_REQUEST"]))}
        if request["BillingMode"] == "PROVISIONED" or draw(st.booleans()):
            request["ProvisionedThroughput"] = _THROUGHPUT
        return Step("UpdateTable", request)
    if kind == 4:
        units = draw(st.sampled_from([0, 1, 5, 6]))
        throughput = {"ReadCapacityUnits": units, "WriteCapacityUnits": 5}
        return Step("UpdateTable", {**name, "ProvisionedThroughput": throughput})
    if kind == 5:
        return Step("UpdateTable", name)
    return Step("UpdateTable", {**name, **draw(_index_updates())})


@st.composite
def _index_updates(draw: DrawFn) -> Request:
    """One index more, or one less, or one changed."""
    name = draw(st.sampled_from(["index0", "index1", "new"]))
    kind = draw(st.integers(0, 3))
    if kind == 0:
        return {"GlobalSecondaryIndexUpdates": [{"Delete": {"IndexName": name}}]}
    if kind == 1:
        return {"GlobalSecondaryIndexUpdates": [{"Update": {"IndexName": name, "ProvisionedThroughput": _THROUGHPUT}}]}
    made = Index(name, draw(st.sampled_from(_NAMES)), None, draw(st.sampled_from(["ALL", "KEYS_ONLY"]))).to_wire()
    if draw(st.booleans()):
        made["ProvisionedThroughput"] = dict(_THROUGHPUT)
    keys = draw(st.sampled_from([_NAMES[:1], _NAMES[:3], _NAMES]))
    defined = [{"AttributeName": key, "AttributeType": "S"} for key in keys]
    return {"AttributeDefinitions": defined, "GlobalSecondaryIndexUpdates": [{"Create": made}]}
