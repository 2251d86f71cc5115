"""The embedded broker, tried as the demo, the tests and the benchmarks use it."""

import itertools
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from service.embedded import Broker, BrokerError
from service.embedded.ports import free_port


def alive(pid: int) -> bool:
    """Whether the process runs (a zombie does not)."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


async def send(bootstrap: str, topic: str, *values: bytes) -> None:
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all") as producer:
        for value in values:
            await producer.send_and_wait(topic, value)


async def read(bootstrap: str, topic: str, count: int) -> list[bytes | None]:
    async with AIOKafkaConsumer(topic, bootstrap_servers=bootstrap, auto_offset_reset="earliest") as consumer:
        return [(await consumer.getone()).value for _ in range(count)]


async def test_what_is_sent_is_read_back(broker, prefix, create_topics):
    await create_topics(f"{prefix}letters")
    await send(broker.bootstrap, f"{prefix}letters", b"a", b"b")
    assert await read(broker.bootstrap, f"{prefix}letters", 2) == [b"a", b"b"]


async def test_a_killed_broker_comes_back_on_the_same_port_with_its_data(own_broker):
    admin = AIOKafkaAdminClient(bootstrap_servers=own_broker.bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic("letters", 1, 1)])
    await admin.close()
    await send(own_broker.bootstrap, "letters", b"a")
    bootstrap = own_broker.bootstrap

    own_broker.kill()
    assert own_broker.pid is None
    own_broker.start()
    assert own_broker.bootstrap == bootstrap
    assert await read(bootstrap, "letters", 1) == [b"a"]

    own_broker.restart()
    assert await read(bootstrap, "letters", 1) == [b"a"]


def test_temporary_data_are_gone_after_the_end_and_kept_data_are_not(tmp_path):
    with Broker() as temporary:
        assert temporary.data_dir.exists()
    assert not temporary.data_dir.exists()
    with Broker(data_dir=tmp_path / "kept") as keeping:
        pass
    assert keeping.log_file.exists()


@pytest.mark.platform_specific
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its killed parent")
def test_the_broker_ends_with_a_parent_that_is_killed():
    program = """if True:
        import threading
        from service.embedded import Broker
        broker = Broker()
        starter = threading.Thread(target=broker.start)
        starter.start()
        starter.join()
        print(broker.pid, broker.data_dir, flush=True)
        threading.Event().wait()
    """
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    pid, directory = parent.stdout.readline().split()
    try:
        time.sleep(1)  # long enough for the thread that started it to be gone: that must not end the broker
        assert alive(int(pid))
        parent.kill()
        parent.wait()
        deadline = time.monotonic() + 10
        while alive(int(pid)) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not alive(int(pid))
    finally:
        if alive(int(pid)):
            os.kill(int(pid), signal.SIGKILL)
        parent.stdout.close()
        subprocess.run(["rm", "-r", directory], check=True)


def test_a_taken_port_is_refused_with_a_sentence():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        broker = Broker(port=port)
        with pytest.raises(BrokerError, match=rf"port {port} of 127\.0\.0\.1 is in use"):
            broker.start()
        assert not broker.data_dir.exists()


@pytest.mark.parametrize("other", ["a server", "a broker"])
def test_a_port_that_somebody_takes_meanwhile_is_given_up_for_another(broker, monkeypatch, other):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1] if other == "a server" else broker.port
        chosen = itertools.chain([port, free_port(), free_port(), port], iter(free_port, None))
        monkeypatch.setattr("service.embedded.broker.free_port", lambda *others: next(chosen))
        monkeypatch.setattr("service.embedded.broker.is_free", lambda port: True)
        with Broker() as second:
            assert second.port not in (port, broker.port)
            assert second.pid is not None


def test_a_wrong_broker_setting_is_told_with_the_log_and_its_file(tmp_path):
    wrong = {"num.partitions": "many"}
    with pytest.raises(BrokerError, match=r"num\.partitions") as refusal, Broker(tmp_path, overrides=wrong):
        pass
    assert str(tmp_path / "broker.log") in str(refusal.value)


def test_a_data_directory_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(BrokerError, match="cannot start the broker with its data in"),
        Broker(tmp_path / "file"),
    ):
        pass
