"""Write every data file the sample notebooks read.

In: nothing but the seeds below. Out: the files under `data/`, byte for byte the same on every run.
Only the standard library is used, so no release of numpy or pandas can change them.
Everything is invented: the people, the shops, the tickers, the tickets.

    python sample_notebooks/make_data.py
"""

import csv
import json
import math
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random

DATA = Path(__file__).resolve().parent / "data"


def main() -> None:
    DATA.mkdir(exist_ok=True)
    write_csv("customers.csv", customers(Random(101)))
    write_csv("umsatz.csv", bakery_sales(Random(202)), delimiter=";")
    write_csv("feiertage.csv", holidays())
    write_csv("orders_export.csv", orders(Random(303)))
    write_csv("products.csv", products())
    write_csv("experiment.csv", experiment(Random(404)))
    write_csv("support_tickets.csv", tickets(Random(505)))
    write_csv("bike_rides.csv", bike_rides(Random(606)))
    write_csv("houses.csv", houses(Random(707)))
    write_csv("prices.csv", prices(Random(808)))
    write_json("holdings.json", HOLDINGS)


def write_csv(name: str, rows: list[dict], delimiter: str = ",") -> None:
    with open(DATA / name, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]), delimiter=delimiter, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def write_json(name: str, value: object) -> None:
    text = json.dumps(value, indent=1, ensure_ascii=False) + "\n"
    (DATA / name).write_text(text, encoding="utf-8")


# --- customer_churn ---------------------------------------------------------------------------


def customers(random: Random) -> list[dict]:
    """Subscribers with blanks in `total_charges` and some exported twice."""
    rows = [customer(random, 10001 + number) for number in range(1150)]
    for row in random.sample(rows, 28):
        rows.append({**row, "plan": random.choice(["Plus", "Premium"])})
    return rows


def customer(random: Random, number: int) -> dict:
    plan = random.choices(["Basic", "Plus", "Premium"], [5, 3, 2])[0]
    contract = random.choices(["monthly", "1 year", "2 years"], [5, 3, 2])[0]
    tenure = min(71, int(random.expovariate(1 / 22)))
    monthly = round(random.gauss({"Basic": 22, "Plus": 41, "Premium": 68}[plan], 6), 2)
    calls = int(random.expovariate(1 / 1.6))
    idle = int(random.expovariate(1 / 12))
    leaning = -1.7 + 0.38 * calls + 0.03 * idle + 0.018 * (monthly - 40) - 0.035 * tenure
    leaning += {"monthly": 1.0, "1 year": -0.2, "2 years": -1.1}[contract]
    leaves = random.random() < 1 / (1 + math.exp(-leaning))
    return {
        "customer_id": f"C{number}",
        "age": "" if random.random() < 0.03 else min(88, max(18, int(random.gauss(44, 15)))),
        "region": "" if random.random() < 0.012 else random.choice(["North", "South", "East", "West"]),
        "plan": plan,
        "contract": contract,
        "payment_method": random.choice(["card", "transfer", "direct debit"]),
        "tenure_months": tenure,
        "monthly_charges": monthly,
        "total_charges": " " if tenure == 0 else round(monthly * tenure * random.uniform(0.94, 1.03), 2),
        "support_calls": calls,
        "last_login_days": idle,
        "churn": "Yes" if leaves else "No",
    }


# --- sales_forecast ---------------------------------------------------------------------------

SHOPS = {"Altstadt": 940, "Bahnhof": 1280, "Südviertel": 610}
CLOSED = {(12, 25), (1, 1)}


def bakery_sales(random: Random) -> list[dict]:
    """Daily takings of three bakeries, decimal commas, closed on two holidays, some refunds."""
    rows = []
    for offset in range(730):
        day = date(2022, 1, 1) + timedelta(days=offset)
        if (day.month, day.day) in CLOSED:
            continue
        for shop, level in SHOPS.items():
            rows.append(takings(day, shop, random.gauss(level * rhythm(day, offset), level * 0.06)))
            if random.random() < 0.015:
                rows.append(takings(day, shop, -random.uniform(4, 35)))
    return rows


def rhythm(day: date, offset: int) -> float:
    week = [0.92, 0.95, 0.97, 1.0, 1.12, 1.35, 0.7][day.weekday()]
    year = 1 + 0.12 * math.cos(2 * math.pi * (offset - 345) / 365.25)
    return week * year * (1 + 0.00018 * offset)


def takings(day: date, shop: str, amount: float) -> dict:
    return {
        "datum": day.strftime("%d.%m.%Y"),
        "filiale": shop,
        "kunden": max(1, round(abs(amount) / 6.4)),
        "umsatz": f"{amount:.2f}".replace(".", ","),
    }


def holidays() -> list[dict]:
    fixed = [(1, 1, "Neujahr"), (5, 1, "Tag der Arbeit"), (10, 3, "Tag der Deutschen Einheit")]
    fixed += [(12, 25, "1. Weihnachtstag"), (12, 26, "2. Weihnachtstag")]
    days = [(date(year, month, day), name) for year in (2022, 2023, 2024) for month, day, name in fixed]
    return [{"datum": day.isoformat(), "name": name} for day, name in days]


# --- clean_to_sqlite --------------------------------------------------------------------------

CATALOGUE = [
    ("KB-100", "Keyboard, compact", "input", 21.0, 49.9),
    ("KB-200", "Keyboard, mechanical", "input", 48.5, 119.0),
    ("MS-010", "Mouse", "input", 7.2, 19.5),
    ("MN-270", "Monitor 27 inch", "display", 168.0, 289.0),
    ("MN-320", "Monitor 32 inch", "display", 402.0, 1149.0),
    ("CB-001", "Cable 2 m", "accessories", 1.1, 7.9),
    ("DK-500", "Docking station", "accessories", 81.0, 179.0),
]
SPELLINGS = {
    "Germany": ["Germany", "germany", " Germany", "DE"],
    "France": ["France", "france ", "FR"],
    "United States": ["USA", "U.S.", "United States", "usa"],
    "Poland": ["Poland", "PL", "Poland "],
}
NAMES = ["Ines Okafor", "Tom Lindqvist", "Mara Petrov", "J. Whitlock", "Aya Moreau", "Luis Brandt"]


def products() -> list[dict]:
    """What the shop sells; the list price stays out, it is in the orders."""
    return [
        {"sku": sku, "description": description, "category": category, "cost": cost}
        for sku, description, category, cost, _ in CATALOGUE
    ]


def orders(random: Random) -> list[dict]:
    """A shop export as shops export: four date formats, currency signs, repeated rows."""
    rows = [order(random, 5000 + number) for number in range(620)]
    rows += [dict(row) for row in random.sample(rows, 35)]
    return rows


def order(random: Random, number: int) -> dict:
    sku, _, _, _, price = random.choice(CATALOGUE)
    country = random.choices(list(SPELLINGS), [4, 2, 3, 1])[0]
    name = random.choice(NAMES)
    return {
        "Order ID": number,
        " Order Date": messy_date(random),
        "Customer Name ": random.choice([name, name.upper(), f" {name}", name.lower()]),
        "Country": random.choice(SPELLINGS[country]),
        "SKU": random.choice([sku, sku.lower()]),
        "Qty": random.choices(["1", "2", "3", "5", "10", "-1", ""], [40, 20, 12, 8, 4, 2, 1])[0],
        "Unit Price": messy_price(random, round(price * random.choice([1, 1, 1, 0.9, 0.85]), 2)),
        "Status": random.choices(["shipped", "Shipped", "cancelled", "returned", ""], [12, 4, 2, 1, 1])[0],
    }


def messy_date(random: Random) -> str:
    day = date(2024, 1, 1) + timedelta(days=random.randrange(182))
    form = random.choices(["%Y-%m-%d", "%m/%d/%Y", "%d %b %Y", "bad"], [10, 4, 3, 0.5])[0]
    return random.choice(["n/a", "0000-00-00", "31.02.2024"]) if form == "bad" else day.strftime(form)


def messy_price(random: Random, price: float) -> str:
    return random.choice([f"{price:.2f}", f"${price:,.2f}", f"{price:.2f} USD", f"${price:,.2f}"])


# --- ab_test ----------------------------------------------------------------------------------


def experiment(random: Random) -> list[dict]:
    """Visitors of a checkout experiment; a few saw both variants."""
    rows = [visitor(random, 70000 + number) for number in range(2600)]
    for row in random.sample(rows, 22):
        rows.append({**row, "variant": "B" if row["variant"] == "A" else "A"})
    return sorted(rows, key=lambda row: (row["day"], row["user_id"], row["variant"]))


def visitor(random: Random, number: int) -> dict:
    variant = random.choice("AB")
    device = random.choices(["mobile", "desktop", "tablet"], [6, 3, 1])[0]
    rate = 0.105 + 0.032 * (variant == "B") + 0.04 * (device == "desktop")
    buys = random.random() < rate
    return {
        "user_id": number,
        "day": random.randrange(1, 15),
        "variant": variant,
        "device": device,
        "country": random.choice(["AT", "CH", "NL", "BE"]),
        "converted": int(buys),
        "revenue": round(random.lognormvariate(3.4, 0.6), 2) if buys else 0.0,
    }


# --- text_topics ------------------------------------------------------------------------------

SENTENCES = {
    "billing": [
        "I was charged twice for {month} and want one payment back",
        "the invoice for {month} shows the wrong amount",
        "my card was declined although the account is fine",
        "please refund the fee of {amount} euro, I cancelled before the renewal",
        "where can I download the invoice for the tax office",
        "the discount code was accepted but the price did not change",
    ],
    "delivery": [
        "the parcel should have arrived on {day} and is still not here",
        "tracking says delivered but nobody rang the bell",
        "the courier left the package in the rain and the box is soaked",
        "can you change the delivery address before the order ships",
        "half of the order is missing from the parcel",
        "how long does shipping to the islands take",
    ],
    "login": [
        "I cannot log in since the update, the password is rejected",
        "the reset email never arrives, not even in the spam folder",
        "the app asks for a verification code but my phone number changed",
        "my account is locked after three attempts",
        "the login page stays blank in the browser",
        "two factor codes are always expired when I type them",
    ],
    "product": [
        "the handle broke after a week of normal use",
        "the screen flickers when the battery is below {amount} percent",
        "is there a spare part for the lid of the large model",
        "the manual does not explain how to clean the filter",
        "the device gets very hot while charging",
        "the battery does not last through the day any more",
    ],
}
OPENERS = ["Hello,", "Hi there,", "Good morning,", "Hi,", "To whom it may concern,", "", "", ""]
CLOSERS = ["Thanks!", "Please help.", "This is the second time I write!!", "Regards", "", "", ""]
FILLERS = ["I ordered on {day}", "my order number is {number}", "I have been a customer for years", ""]


def tickets(random: Random) -> list[dict]:
    """Support tickets; the last forty have no label yet, some labels are wrong."""
    rows = []
    for number in range(380):
        label = random.choices(list(SENTENCES), [5, 4, 3, 3])[0]
        text = ticket_text(random, label)
        if random.random() < 0.05:
            label = random.choice(list(SENTENCES))
        rows.append(
            {
                "ticket": 3000 + number,
                "channel": random.choice(["mail", "web", "app"]),
                "text": text,
                "label": "" if number >= 340 else random.choice([label, label, label, label.title()]),
            }
        )
    return rows


def ticket_text(random: Random, label: str) -> str:
    sentences = random.sample(SENTENCES[label], random.choice([1, 1, 2]))
    if random.random() < 0.25:
        sentences.append(random.choice(SENTENCES[random.choice(list(SENTENCES))]))
    sentences.append(random.choice(FILLERS))
    slots = {
        "month": random.choice(["January", "March", "June", "October"]),
        "day": random.choice(["Monday", "Thursday", "Saturday"]),
        "amount": random.choice([5, 12, 19, 30]),
        "number": random.randrange(10000, 99999),
    }
    body = ". ".join(sentence.format(**slots) for sentence in sentences if sentence)
    return f"{random.choice(OPENERS)} {body}. {random.choice(CLOSERS)}".strip()


# --- eda_figures ------------------------------------------------------------------------------


def bike_rides(random: Random) -> list[dict]:
    """Ten weeks of hourly rentals with weather; a few hours are missing, one sensor is off."""
    rows = []
    for offset in range(70 * 24):
        moment = datetime(2023, 3, 6) + timedelta(hours=offset)
        if random.random() < 0.004:
            continue
        rows.append(bike_hour(random, moment, offset))
    return rows


def bike_hour(random: Random, moment: datetime, offset: int) -> dict:
    temp = 6 + 12 * offset / 1680 + 5 * math.sin(2 * math.pi * (moment.hour - 9) / 24) + random.gauss(0, 2)
    weather = random.choices(["clear", "cloudy", "rain"], [5, 3, 2])[0]
    commute = 60 * (moment.hour in (7, 8, 17, 18)) if moment.weekday() < 5 else 0
    daylight = max(0.0, math.sin(math.pi * (moment.hour - 5) / 17))
    mood = {"clear": 1.0, "cloudy": 0.85, "rain": 0.45}[weather]
    casual = daylight * (8 + 1.8 * max(0.0, temp)) * (1.7 if moment.weekday() >= 5 else 0.6) * mood
    member = (6 + 35 * daylight + commute) * mood * (0.7 + 0.018 * temp)
    return {
        "timestamp": moment.strftime("%Y-%m-%d %H:%M"),
        "temp_c": "" if random.random() < 0.01 else round(temp, 1),
        "humidity": 0 if random.random() < 0.006 else min(100, max(20, int(random.gauss(62, 14)))),
        "wind_kmh": round(abs(random.gauss(12, 6)), 1),
        "weather": weather,
        "casual": max(0, int(casual * random.uniform(0.8, 1.2))),
        "member": max(0, int(member * random.uniform(0.85, 1.15))),
    }


# --- no_headings ------------------------------------------------------------------------------


def houses(random: Random) -> list[dict]:
    rows = [house(random) for _ in range(420)]
    rows[17]["area"] = 4150  # typed with an extra zero
    rows[203]["price"] = 1
    return rows


def house(random: Random) -> dict:
    area = max(32, round(random.gauss(118, 38)))
    built = random.randrange(1905, 2021)
    zone = random.choices(["A", "B", "C", "D"], [2, 3, 3, 2])[0]
    garden = 0 if random.random() < 0.35 else random.randrange(40, 900, 10)
    price = area * {"A": 4100, "B": 3300, "C": 2700, "D": 2150}[zone]
    price *= 1 + 0.0028 * (built - 1965) + 0.00012 * garden
    return {
        "area": area,
        "rooms": max(1, round(area / 29 + random.gauss(0, 0.7))),
        "built": "" if random.random() < 0.04 else built,
        "zone": zone,
        "garden": garden,
        "garage": random.choice(["y", "n", "n"]),
        "dist": round(random.uniform(0.2, 18), 1),
        "price": round(price * math.exp(random.gauss(0, 0.13)), -2),
    }


# --- portfolio_risk ---------------------------------------------------------------------------

HOLDINGS = {
    "as_of": "2023-12-29",
    "positions": [
        {"ticker": "ALPN", "sector": "Industry", "shares": 420},
        {"ticker": "BRYO", "sector": "Health", "shares": 900},
        {"ticker": "CDRX", "sector": "Industry", "shares": 150},
        {"ticker": "DLTO", "sector": "Energy", "shares": 610},
        {"ticker": "ENRV", "sector": "Energy", "shares": 1300},
        {"ticker": "FJRD", "sector": "Health", "shares": 75},
    ],
}
START = {"ALPN": 84.0, "BRYO": 31.5, "CDRX": 212.0, "DLTO": 55.0, "ENRV": 18.2, "FJRD": 340.0}


def prices(random: Random) -> list[dict]:
    """Closing prices on weekdays of two years, with a market factor and some gaps."""
    level, rows = dict(START), []
    for offset in range(728):
        day = date(2022, 1, 3) + timedelta(days=offset)
        if day.weekday() > 4:
            continue
        market = random.gauss(0.0002, 0.009)
        for number, ticker in enumerate(level):
            own = random.gauss(0.0001, 0.008 + 0.002 * number)
            level[ticker] *= math.exp((0.7 + 0.12 * number) * market + own)
        closes = {ticker: "" if random.random() < 0.006 else round(x, 2) for ticker, x in level.items()}
        rows.append({"date": day.isoformat(), **closes})
    return rows


if __name__ == "__main__":
    main()
