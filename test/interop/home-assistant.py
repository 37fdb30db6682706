"""Home Assistant's MQTT integration, as far as a broker sees it: the library that it uses
(paho-mqtt), its client id, its will and birth, its order of subscriptions, and Jinja for the
templates of discovery (homeassistant/components/mqtt: client.py, discovery.py, const.py).

Arguments: port, user, password, protocol (311 or 5), retain (0 or 1). Prints one JSON object a line.
"""

import json
import sys
import threading
import time
import uuid

import jinja2
import paho.mqtt.client as mqtt

PORT, USER, PASSWORD, PROTOCOL, RETAIN = int(sys.argv[1]), *sys.argv[2:5], sys.argv[5] == "1"
PREFIX = "homeassistant"
COMPONENTS = [
    "alarm_control_panel", "binary_sensor", "button", "camera", "climate", "cover", "date", "datetime",
    "device", "device_automation", "device_tracker", "event", "fan", "humidifier", "image", "lawn_mower",
    "light", "lock", "notify", "number", "scene", "select", "sensor", "siren", "switch", "tag", "text",
    "time", "update", "vacuum", "valve", "water_heater",
]
# homeassistant/generated/mqtt.py: what other integrations of Home Assistant look for.
OF_OTHERS = [
    "drop_connect/discovery/#", "dsmr/#", "esphome/discover/#", "fully/deviceInfo/+",
    "/greencell/broadcast/device", "pglab/discovery/#", "cloudapp/QBUSMQTTGW/+/state", "tasmota/discovery/#",
]
jinja = jinja2.Environment()
entities = {}
pending = {}
asked = {}
saying = threading.Lock()


def say(**what):
    """The library calls back in a thread of its own."""
    with saying:
        print(json.dumps(what), flush=True)


def subscribe(topics):
    """One SUBSCRIBE for all, as after a cooldown."""
    new = [(topic, qos) for topic, qos in topics if topic not in pending]
    pending.update(new)
    if new:
        _, mid = client.subscribe(new)
        asked[mid] = [topic for topic, _ in new]


def render(template, payload):
    value_json = json.loads(payload) if payload[:1] == "{" else None
    return jinja.from_string(template).render(value=payload, value_json=value_json)


def discovered(topic, payload):
    component, object_id = topic.split("/")[1], topic.rsplit("/", 2)[-2]
    if payload == "":
        entities.pop(object_id, None)
        say(removed=object_id)
        return
    config = json.loads(payload)
    entities[object_id] = {"component": component, "state": None, **config}
    wanted = [config["state_topic"], config.get("json_attributes_topic")]
    wanted += [each["topic"] for each in config.get("availability", [])]
    subscribe([(each, config["qos"]) for each in wanted if each])
    device = config["device"]
    say(discovered=object_id, component=component, name=config["name"], device=device.get("name"))


def heard(topic, payload):
    for object_id, config in list(entities.items()):
        attributes = None
        if config.get("json_attributes_topic") == topic:
            template = config.get("json_attributes_template", "{{ value }}")
            attributes = json.loads(render(template, payload))
        if config["state_topic"] == topic:
            state = render(config["value_template"], payload).strip()
            if config["component"] == "event":
                if state not in ("", "None", "{}"):
                    say(event=object_id, attributes=json.loads(state))
            elif (state, attributes) != config["state"]:
                config["state"] = (state, attributes)
                say(entity=object_id, state=state, attributes=attributes)


def on_message(_client, _data, message):
    payload = message.payload.decode()
    if message.topic.startswith(PREFIX + "/") and message.topic.endswith("/config"):
        discovered(message.topic, payload)
    elif message.topic != PREFIX + "/status":
        heard(message.topic, payload)


def on_connect(_client, _data, _flags, code, properties=None):
    say(connected=int(getattr(code, "value", code)))
    topics = [PREFIX + "/" + each + middle for each in COMPONENTS for middle in ("/+/config", "/+/+/config")]
    subscribe([(each, 0) for each in [PREFIX + "/status", *topics, *OF_OTHERS]])


def on_subscribe(_client, _data, mid, codes, _properties=None):
    say(granted=[int(getattr(code, "value", code)) for code in codes], topics=asked.pop(mid))


def on_disconnect(_client, _data, *codes):
    say(disconnected=str(codes[0]))


is_5 = PROTOCOL == "5"
options = {"protocol": mqtt.MQTTv5 if is_5 else mqtt.MQTTv311, "reconnect_on_failure": False}
if hasattr(mqtt, "CallbackAPIVersion"):
    options["callback_api_version"] = mqtt.CallbackAPIVersion.VERSION1
client = mqtt.Client(client_id=mqtt.base62(uuid.uuid4().int, padding=22), **options)
client.username_pw_set(USER, PASSWORD)
client.will_set(PREFIX + "/status", "offline", 0, RETAIN)
client.on_connect, client.on_message = on_connect, on_message
client.on_subscribe, client.on_disconnect = on_subscribe, on_disconnect
client.connect("127.0.0.1", PORT, 60, **({"clean_start": True} if is_5 else {}))
client.loop_start()
# Home Assistant waits until discovery has cooled down: 5 s there.
time.sleep(1)
say(birth=client.publish(PREFIX + "/status", "online", 0, RETAIN).rc)
for line in sys.stdin:
    if line.strip() == "crash":
        # Home Assistant never disconnects, so that its will is published.
        client.loop_stop()
        client.socket().close()
        break
    topic, _, payload = line.strip().partition(" ")
    say(published=topic, rc=client.publish(topic, payload, 1).rc)
