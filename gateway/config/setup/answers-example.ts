/** What `callpoint init --answers-example` prints. */
export const ANSWERS_EXAMPLE = `# Answers for callpoint init DIR --answers FILE, as YAML or JSON. Every setting of site.yaml may be
# written here by its own name: callpoint settings explains them. What is left out has its default.
gateway: gw-1
site:
  name: Northfield School
buildings:
  - id: A
    name: Main building
    floors:
      - id: "1"
        name: First floor
        rooms:
          - { number: "101", name: Reception }
          - { number: "102", name: Office }
inputs:
  - { id: bus-1, driver: button-bus, port: /dev/serial/by-path/platform-fd500000.pcie-pci-0000:01:00.0-usb-0:1.3:1.0-port0 }
  - { id: header, driver: gpio }
devices:
  - id: wb-101
    input: bus-1
    address: 1
    location: A/1/101
    buttons:
      - { id: button-1, number: 0, kind: intruder, zone: 101 }
paths:
  - { id: central, driver: dc09-tcp, host: 192.0.2.10, port: 7700, account: "1234" }
mqtt:
  clients:
    - { name: console, role: viewer }

# Secrets that exist already, as in keys.yaml. All others are made, and written to keys.yaml only.
# secrets:
#   paths: { central: 64 hex digits from the monitoring centre }
`;
