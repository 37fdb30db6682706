"""Modbus RTU slaves of pymodbus 3.0 on a serial port: pymodbus-slave.py PORT BAUD ADDRESS...

Each has 8 discrete inputs, 8 coils, holding registers 0 to 255 and input registers 0 to 63. A line
"ADDRESS NUMBER VALUE [FUNCTION]" on stdin sets an input, or what the function reads; "ready" is printed
once the port is open.
"""

import asyncio
import logging
import sys

from pymodbus.datastore import ModbusSequentialDataBlock, ModbusServerContext, ModbusSlaveContext
from pymodbus.server.async_io import ModbusSerialServer
from pymodbus.transaction import ModbusRtuFramer

DISCRETE_INPUTS = 2


def slave():
    return ModbusSlaveContext(
        di=ModbusSequentialDataBlock(0, [0] * 8),
        co=ModbusSequentialDataBlock(0, [0, 0, 1, 0, 0, 0, 0, 0]),
        hr=ModbusSequentialDataBlock(0, [0] * 256),
        ir=ModbusSequentialDataBlock(0, [0] * 64),
        zero_mode=True,
    )


# It logs every exception it answers as an error.
logging.disable(logging.ERROR)


async def main(port, baud, addresses):
    context = ModbusServerContext({address: slave() for address in addresses}, single=False)
    server = ModbusSerialServer(
        context, ModbusRtuFramer, port=port, baudrate=baud, ignore_missing_slaves=True
    )
    await server.start()
    print("ready", flush=True)
    orders = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    while line := await orders.readline():
        address, number, value, *function = map(int, line.split())
        context[address].setValues(*(function or [DISCRETE_INPUTS]), number, [value])


asyncio.run(main(sys.argv[1], int(sys.argv[2]), [int(address) for address in sys.argv[3:]]))
