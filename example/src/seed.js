// The data of a new installation.

import { paintPictures } from './pictures.js';
import { Settings } from './settings.js';
import { Trips } from './trips.js';
import { Users } from './users.js';

export async function seed(dataDir) {
  const users = new Users();
  const admin = await users.add({
    username: 'admin', email: 'admin@example.test', password: 'admin-password', role: 'admin',
  });
  const alice = await users.add({ username: 'alice', email: 'alice@example.test', password: 'alice-password' });

  const trips = new Trips(dataDir);
  const trip = trips.add({
    title: 'Slovenia in May',
    description: 'Bled, the Julian Alps, Piran: eight days by train, bus and on foot.',
    members: [admin.id, alice.id],
  });
  await trips.addFile(trip, {
    name: 'itinerary.txt', type: 'text/plain', bytes: Buffer.from(itinerary()), user: alice,
  });

  return { users, trips, pictures: paintPictures(), settings: new Settings() };
}

// About 23 KB, always the same, each line different, so that a wrong range is noticed.
export function itinerary() {
  const stops = ['Ljubljana', 'Bled', 'Bohinj', 'Kranjska Gora', 'Bovec', 'Kobarid', 'Piran', 'Koper'];
  const deeds = ['breakfast at the market', 'train', 'walk around the old town', 'museum', 'bus', 'swim', 'supper'];
  const lines = ['Slovenia in May', '===============', ''];
  for (let i = 0; i < 600; i++) {
    const day = Math.floor(i / 75);
    const minutes = 6 * 60 + (i % 75) * 13;
    const time = `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
    lines.push(`${String(i + 1).padStart(3)}  day ${day + 1}, ${time}  ${stops[day]}: ${deeds[i % deeds.length]}`);
  }
  return `${lines.join('\n')}\n`;
}
