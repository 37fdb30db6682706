import { type Delivery, newDelivery } from '../../../../gateway/core/delivery/delivery.ts';
import type { Report, ReportClass } from '../../../../gateway/core/report.ts';

export function reportOf(id: string, reportClass: ReportClass = 'alarm', changes: Partial<Report> = {}): Report {
  const codes = { sia: 'HA', contactId: '122', qualifier: 1 } as const;
  return { id, class: reportClass, ...codes, zone: 1, area: 0, text: `Hold-up ${id}`, occurredMs: 0, ...changes };
}

export function deliveryOf(
  order: number,
  changes: Partial<Delivery> = {},
  reportClass: ReportClass = 'alarm',
): Delivery {
  return { ...newDelivery(reportOf(`r-${order}`, reportClass), order, order), ...changes };
}
