"""What everwarm's own log says of what functions print."""

from structlog.testing import capture_logs

from everwarm.observer import Observer


def test_a_line_of_a_call() -> None:
    with capture_logs() as lines:
        Observer().printed("shop-dev-refresh", "5f0c", "hello")
    assert lines == [
        {"event": "hello", "function": "shop-dev-refresh", "request_id": "5f0c", "log_level": "info"},
    ]


def test_a_line_of_no_call_names_none() -> None:
    with capture_logs() as lines:
        Observer().printed("shop-dev-refresh", None, "loading")
    assert lines == [{"event": "loading", "function": "shop-dev-refresh", "log_level": "info"}]
