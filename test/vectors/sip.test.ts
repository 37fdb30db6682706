import { expect, test } from 'vitest';
import { bytesToAscii } from '../../protocol/bytes.ts';
import { encodePidfLo } from '../../protocol/pidf-lo.ts';
import { encodeSip } from '../../protocol/sip/message.ts';

test('a request on the wire', () => {
  const wire = encodeSip({
    type: 'request',
    method: 'MESSAGE',
    uri: 'urn:service:test.sos',
    headers: [
      { name: 'Via', value: 'SIP/2.0/TCP 127.0.0.1:5080;branch=z9hG4bK1' },
      { name: 'CSeq', value: '1 MESSAGE' },
    ],
    body: new Uint8Array([0x61, 0x00, 0xff]),
  });
  expect(bytesToAscii(wire)).toBe(
    'MESSAGE urn:service:test.sos SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1:5080;branch=z9hG4bK1\r\nCSeq: 1 MESSAGE\r\nContent-Length: 3\r\n\r\na\0\xff',
  );
});

test('a location, in the order of the schemas', () => {
  const document = encodePidfLo({
    entity: 'sip:gw-1@northfield.example',
    id: 'at-wb-101',
    civic: {
      country: 'US',
      region: 'IL',
      city: 'Springfield',
      street: 'Elm Street',
      number: '12',
      postcode: '62704',
      name: 'Northfield <School>',
      building: 'Main building',
      floor: '1',
      room: '101',
      more: 'Main building, First floor, Rm 101 Reception',
    },
    circle: { latitude: 39.781721, longitude: -89.650148, radius: 40 },
    timestampMs: Date.UTC(2026, 0, 2, 3, 4, 5),
    retentionMs: Date.UTC(2026, 0, 3, 3, 4, 5),
  });
  expect(document).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<presence xmlns="urn:ietf:params:xml:ns:pidf" xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model" xmlns:gp="urn:ietf:params:xml:ns:pidf:geopriv10" xmlns:gbp="urn:ietf:params:xml:ns:pidf:geopriv10:basicPolicy" xmlns:ca="urn:ietf:params:xml:ns:pidf:geopriv10:civicAddr" xmlns:gml="http://www.opengis.net/gml" xmlns:gs="http://www.opengis.net/pidflo/1.0" entity="sip:gw-1@northfield.example">
<dm:device id="at-wb-101">
<gp:geopriv>
<gp:location-info>
<gs:Circle srsName="urn:ogc:def:crs:EPSG::4326">
<gml:pos>39.781721 -89.650148</gml:pos>
<gs:radius uom="urn:ogc:def:uom:EPSG::9001">40.0</gs:radius>
</gs:Circle>
<ca:civicAddress>
<ca:country>US</ca:country>
<ca:A1>IL</ca:A1>
<ca:A3>Springfield</ca:A3>
<ca:RD>Elm Street</ca:RD>
<ca:HNO>12</ca:HNO>
<ca:LOC>Main building, First floor, Rm 101 Reception</ca:LOC>
<ca:FLR>1</ca:FLR>
<ca:NAM>Northfield &lt;School&gt;</ca:NAM>
<ca:PC>62704</ca:PC>
<ca:BLD>Main building</ca:BLD>
<ca:ROOM>101</ca:ROOM>
</ca:civicAddress>
</gp:location-info>
<gp:usage-rules>
<gbp:retransmission-allowed>true</gbp:retransmission-allowed>
<gbp:retention-expiry>2026-01-03T03:04:05.000Z</gbp:retention-expiry>
</gp:usage-rules>
<gp:method>Manual</gp:method>
</gp:geopriv>
<dm:deviceID>sip:gw-1@northfield.example</dm:deviceID>
<dm:timestamp>2026-01-02T03:04:05.000Z</dm:timestamp>
</dm:device>
</presence>
`);
});
