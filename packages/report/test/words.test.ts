import { counted, grouped, pageSize } from '@overmap/report';
import { expect, it } from 'vitest';

it.each([
  [0, '0'],
  [999, '999'],
  [1000, '1,000'],
  [316_760, '316,760'],
  [1_234_567_890, '1,234,567,890'],
])('groups %d', (n, text) => {
  expect(grouped(n)).toBe(text);
});

it('counts', () => {
  expect([0, 1, 1000].map((n) => counted(n, 'map'))).toEqual(['0 maps', '1 map', '1,000 maps']);
  expect(counted(2, 'capability', 'capabilities')).toBe('2 capabilities');
});

it.each([
  [9, '512 bytes'],
  [12, '4 KiB'],
  [16, '64 KiB'],
  [20, '1 MiB'],
  [24, '16 MiB'],
  [30, '1 GiB'],
  [39, '512 GiB'],
  [70, '2^70 bytes'],
])('names a page of 2^%d bytes', (bits, text) => {
  expect(pageSize(bits)).toBe(text);
});
