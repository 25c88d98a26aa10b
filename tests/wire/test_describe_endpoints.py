"""DescribeEndpoints over the wire."""

from typing import Any


def test_it_leads_back_here(dynamodb: Any, endpoint: str) -> None:
    [found] = dynamodb.describe_endpoints()["Endpoints"]
    assert found == {"Address": endpoint.removeprefix("http://"), "CachePeriodInMinutes": 1440}
