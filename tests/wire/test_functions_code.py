"""Packages of functions, UpdateFunctionCode and UpdateFunctionConfiguration, through boto3."""

import http.client
import io
import json
import stat
import zipfile
from base64 import b64encode
from hashlib import sha256
from typing import Any

import pytest

from tests.wire.functions import archive, creation, make_function, package
from tests.wire.refused import refused

UNREADABLE = "Could not unzip uploaded file. Please check your file, then try to upload again."

ANSWER = """
    def handler(event, context):
        return {answer!r}
"""


def answer_of(lambda_: Any, name: str, event: object = None) -> Any:
    return json.loads(lambda_.invoke(FunctionName=name, Payload=json.dumps(event).encode())["Payload"].read())


def test_a_package_with_several_files(lambda_: Any) -> None:
    """Folders, modules and data are where the package has them."""
    files = {
        "app/main.py": "import json, pathlib, sys\nfrom app.other import name\n"
        "def handler(event, context):\n"
        "    return [name, pathlib.Path('data/note.txt').read_text(), pathlib.Path(__file__).name]\n",
        "app/other.py": "name = 'other'\n",
        "data/note.txt": "a note",
    }
    name = make_function(lambda_, Handler="app/main.handler", Code={"ZipFile": archive(dict(files))})
    assert answer_of(lambda_, name) == ["other", "a note", "main.py"]
    lambda_.delete_function(FunctionName=name)


def test_what_can_be_executed_stays_so_and_links_stay_links(lambda_: Any) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as zipped:
        program = zipfile.ZipInfo("bin/program")
        program.external_attr = (stat.S_IFREG | 0o755) << 16
        zipped.writestr(program, "#!/bin/sh\necho ran\n")
        link = zipfile.ZipInfo("link")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        zipped.writestr(link, "bin/program")
        zipped.writestr(
            "main.py",
            "import subprocess\n"
            "def handler(event, context):\n"
            "    return subprocess.run(['./link'], capture_output=True, text=True).stdout\n",
        )
    name = make_function(lambda_, Code={"ZipFile": buffer.getvalue()})
    assert answer_of(lambda_, name) == "ran\n"
    lambda_.delete_function(FunctionName=name)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"this is no zip file", id="no zip file"),
        pytest.param(b"", id="nothing"),
        pytest.param(package("x = 1")[:-30], id="cut off"),
        pytest.param(archive({"../out.py": "x = 1"}), id="leads out"),
        pytest.param(archive({"/etc/out.py": "x = 1"}), id="absolute"),
        pytest.param(archive({"a/../../out.py": "x = 1"}), id="leads out later"),
        pytest.param(archive({"..\\out.py": "x = 1"}), id="leads out on Windows"),
    ],
)
def test_packages_that_cannot_be_unpacked(lambda_: Any, content: bytes) -> None:
    with refused("InvalidParameterValueException", UNREADABLE):
        lambda_.create_function(**creation(Code={"ZipFile": content}))


@pytest.mark.parametrize("text", ["no base64", "ö", "a"])
def test_a_package_that_is_no_base64(function: str, connection: http.client.HTTPConnection, text: str) -> None:
    """UpdateFunctionCode, ZipFile: SerializationException, 400."""
    signed = {
        "Authorization": "AWS4-HMAC-SHA256 Credential=a/20200101/us-east-1/lambda/aws4_request, SignedHeaders=host, "
        "Signature=b",
        "X-Amz-Date": "20200101T000000Z",
    }
    body = json.dumps({"ZipFile": text})
    connection.request("PUT", f"/2015-03-31/functions/{function}/code", body=body, headers=signed)
    response = connection.getresponse()
    response.read()
    assert (response.status, response.getheader("x-amzn-ErrorType")) == (400, "SerializationException")


def test_a_link_that_leads_out(lambda_: Any) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as zipped:
        link = zipfile.ZipInfo("link")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        zipped.writestr(link, "../../secret")
        zipped.writestr("main.py", "")
    with refused("InvalidParameterValueException", UNREADABLE):
        lambda_.create_function(**creation(Code={"ZipFile": buffer.getvalue()}))


def test_an_empty_package(lambda_: Any) -> None:
    with refused("InvalidParameterValueException", "Uploaded file must be a non-empty zip"):
        lambda_.create_function(**creation(Code={"ZipFile": archive({})}))


def test_a_package_that_is_too_large_once_it_is_unpacked(lambda_: Any) -> None:
    """Section 9, limits: 250 MB unzipped."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as zipped:
        zipped.writestr("main.py", "")
        with zipped.open("zeros", "w") as file:
            for _ in range(250):
                file.write(bytes(1024 * 1024))
    with refused("InvalidParameterValueException", "Unzipped size must be smaller than 262144000 bytes"):
        lambda_.create_function(**creation(Code={"ZipFile": buffer.getvalue()}))


def test_a_package_that_is_too_large(lambda_: Any, function: str) -> None:
    """Section 9, limits: 50 MB zipped upload. In AWS's figures, as the request has it."""
    content = bytes(52_700_000)
    with refused(
        "RequestEntityTooLargeException",
        "Request must be smaller than 70167211 bytes for the CreateFunction operation",
    ):
        lambda_.create_function(**creation(Code={"ZipFile": content}))


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ({}, "Please provide a source for function code."),
        (
            {"S3Bucket": "bucket", "S3Key": "key.zip"},
            "everwarm fetches no code from S3: give the zip file itself in ZipFile",
        ),
        (
            {"ImageUri": "000000000000.dkr.ecr.us-east-1.amazonaws.com/image:1"},
            "everwarm runs no container images: give the code as a zip file in ZipFile, and PackageType Zip",
        ),
    ],
)
def test_code_from_elsewhere(lambda_: Any, code: dict[str, str], message: str) -> None:
    with refused("InvalidParameterValueException", message):
        lambda_.create_function(**creation(Code=code))


def test_update_function_code(lambda_: Any, function: str) -> None:
    """UpdateFunctionCode: the next call runs what is new."""
    assert answer_of(lambda_, function, 1) == 1
    before = lambda_.get_function_configuration(FunctionName=function)
    content = package(ANSWER.format(answer="new"))
    response = lambda_.update_function_code(FunctionName=function, ZipFile=content)
    assert response["LastUpdateStatus"] == "InProgress"
    assert response["LastUpdateStatusReasonCode"] == "Creating"
    assert response["State"] == "Active"
    assert response["CodeSize"] == len(content)
    assert response["CodeSha256"] == b64encode(sha256(content).digest()).decode()
    assert response["RevisionId"] != before["RevisionId"]
    lambda_.get_waiter("function_updated_v2").wait(FunctionName=function)
    assert answer_of(lambda_, function, 1) == "new"


def test_update_function_code_as_a_rehearsal(lambda_: Any, function: str) -> None:
    """DryRun: checked, and nothing is changed."""
    lambda_.update_function_code(FunctionName=function, ZipFile=package(ANSWER.format(answer="new")), DryRun=True)
    assert answer_of(lambda_, function, 1) == 1
    with refused("InvalidParameterValueException", UNREADABLE):
        lambda_.update_function_code(FunctionName=function, ZipFile=b"no", DryRun=True)


def test_update_function_code_with_a_broken_package(lambda_: Any, function: str) -> None:
    with refused("InvalidParameterValueException", UNREADABLE):
        lambda_.update_function_code(FunctionName=function, ZipFile=b"no")
    assert answer_of(lambda_, function, 1) == 1


def test_update_function_configuration(lambda_: Any) -> None:
    """UpdateFunctionConfiguration: what is given is changed, the rest stays, and the next call runs with it."""
    source = (
        "import os\ndef handler(event, context):\n    return [os.environ.get('NAME'), context.memory_limit_in_mb]\n"
    )
    name = make_function(lambda_, source, Environment={"Variables": {"NAME": "old"}}, Description="stays")
    assert answer_of(lambda_, name) == ["old", "128"]
    response = lambda_.update_function_configuration(
        FunctionName=name, Environment={"Variables": {"NAME": "new"}}, MemorySize=256
    )
    assert response["LastUpdateStatus"] == "InProgress"
    assert response["Description"] == "stays"
    assert answer_of(lambda_, name) == ["new", "256"]
    shown = lambda_.get_function_configuration(FunctionName=name)
    assert (shown["MemorySize"], shown["Environment"]) == (256, {"Variables": {"NAME": "new"}})
    assert shown["LastUpdateStatus"] == "Successful"
    lambda_.delete_function(FunctionName=name)


def test_another_handler(lambda_: Any) -> None:
    name = make_function(lambda_, "def one(e, c):\n    return 1\ndef two(e, c):\n    return 2\n", Handler="main.one")
    assert answer_of(lambda_, name) == 1
    lambda_.update_function_configuration(FunctionName=name, Handler="main.two")
    assert answer_of(lambda_, name) == 2
    lambda_.delete_function(FunctionName=name)


@pytest.mark.parametrize("operation", ["update_function_code", "update_function_configuration"])
def test_a_revision_that_is_not_the_last(lambda_: Any, function: str, operation: str) -> None:
    """PreconditionFailedException, 412."""
    change: dict[str, Any] = {"ZipFile": package(ANSWER.format(answer=1))}
    if operation == "update_function_configuration":
        change = {"Description": "changed"}
    revision = lambda_.get_function_configuration(FunctionName=function)["RevisionId"]
    getattr(lambda_, operation)(FunctionName=function, RevisionId=revision, **change)
    with refused(
        "PreconditionFailedException",
        "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve "
        "the latest Revision Id",
    ):
        getattr(lambda_, operation)(FunctionName=function, RevisionId=revision, **change)


@pytest.mark.parametrize("operation", ["update_function_code", "update_function_configuration"])
def test_updates_of_a_function_that_is_not_there(lambda_: Any, operation: str) -> None:
    with refused(
        "ResourceNotFoundException", "Function not found: arn:aws:lambda:us-east-1:000000000000:function:nobody"
    ):
        getattr(lambda_, operation)(
            FunctionName="nobody", **({"ZipFile": package("")} if operation == "update_function_code" else {})
        )


def test_settings_that_cannot_be_are_not_taken(lambda_: Any, function: str) -> None:
    before = lambda_.get_function_configuration(FunctionName=function)
    with refused("InvalidParameterValueException", begins="Value cobol at 'runtime' failed"):
        lambda_.update_function_configuration(FunctionName=function, Runtime="cobol", Description="new")
    after = lambda_.get_function_configuration(FunctionName=function)
    assert (after["Runtime"], after["RevisionId"]) == (before["Runtime"], before["RevisionId"])
