import pytest

from everwarm.errors import DestinationError
from everwarm.lambdas.failures.endpoints import Endpoints
from everwarm.lambdas.mappings.destination import Service

URL = "http://127.0.0.1:4566"


def test_nobody_is_sent_to_aws_by_accident() -> None:
    environ = {"AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "s", "AWS_ENDPOINT_URL": URL, "AWS_PROFILE": "p"}
    assert Endpoints.of(None, environ).by_service == {}


def test_one_endpoint_for_all() -> None:
    environ = {"AWS_ENDPOINT_URL_SQS": "http://127.0.0.1:1"}
    assert Endpoints.of(URL, environ).by_service == {Service.SQS: URL, Service.SNS: URL, Service.S3: URL}


def test_the_word_for_aws_itself() -> None:
    assert set(Endpoints.of("aws", {}).by_service.values()) == {"aws"}


@pytest.mark.parametrize("service", list(Service))
def test_the_environment_names_one_service(service: Service) -> None:
    environ = {f"AWS_ENDPOINT_URL_{service.upper()}": "https://example.test"}
    assert Endpoints.of(None, environ).by_service == {service: "https://example.test"}


def test_an_empty_variable_is_none() -> None:
    assert Endpoints.of(None, {"AWS_ENDPOINT_URL_S3": ""}).by_service == {}


@pytest.mark.parametrize("given", ["", "localhost:4566", "ftp://x", "AWS"])
def test_what_is_no_place(given: str) -> None:
    with pytest.raises(DestinationError, match="it has to be a URL"):
        Endpoints.of(given, {})
    if given:
        with pytest.raises(DestinationError, match="AWS_ENDPOINT_URL_SNS is"):
            Endpoints.of(None, {"AWS_ENDPOINT_URL_SNS": given})
