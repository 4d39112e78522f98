extension CronExpression {
    /// The first instant after another at which the expression fires, in seconds since 1970; `nil` when it never does.
    ///
    /// Goes from year to month to day, so a far or impossible date costs a few hundred steps, not a scan of minutes.
    func next(after instant: Int, on clock: WallClock) -> Int? {
        let today = clock.reading(at: instant).floorDivided(by: WallClock.secondsPerDay)
        let start = LocalDate(dayNumber: today)
        for year in chosenYears where year >= start.year {
            let firstMonth = year == start.year ? start.month : 1
            var month = months.first(from: firstMonth)
            while let current = month {
                let isStart = year == start.year && current == start.month
                if let found = next(
                    inMonth: current,
                    of: year,
                    from: isStart ? start.day : 1,
                    after: instant,
                    on: clock
                ) {
                    return found
                }
                month = months.first(from: current + 1)
            }
        }
        return nil
    }

    private func next(
        inMonth month: Int,
        of year: Int,
        from firstDay: Int,
        after instant: Int,
        on clock: WallClock
    ) -> Int? {
        let days = selectedDays(in: month, of: year)
        var day = days.first(from: firstDay)
        while let current = day {
            let dayNumber = LocalDate(year: year, month: month, day: current).dayNumber
            if let found = next(onDay: dayNumber, after: instant, on: clock) { return found }
            day = days.first(from: current + 1)
        }
        return nil
    }

    private func next(onDay dayNumber: Int, after instant: Int, on clock: WallClock) -> Int? {
        guard let offset = clock.constantOffset(onDay: dayNumber) else {
            return nextOnIrregularDay(dayNumber, after: instant, on: clock)
        }
        let midnight = dayNumber * WallClock.secondsPerDay - offset
        // The first whole minute after the instant, counted from midnight.
        let minute = max(0, (instant - midnight).floorDivided(by: 60) + 1)
        return firstMinuteOfDay(from: minute).map { midnight + $0 * 60 }
    }

    private func firstMinuteOfDay(from minimum: Int) -> Int? {
        guard var hour = hours.first(from: minimum / 60) else { return nil }
        if hour == minimum / 60 {
            if let minute = minutes.first(from: minimum % 60) { return hour * 60 + minute }
            guard let later = hours.first(from: hour + 1) else { return nil }
            hour = later
        }
        return minutes.first(from: 0).map { hour * 60 + $0 }
    }

    /// A day near which clocks are changed: every selected time is looked up.
    ///
    /// A time in the gap has no instant and is skipped; of the two in the overlap the first counts, unless the hours
    /// are `*`.
    private func nextOnIrregularDay(_ dayNumber: Int, after instant: Int, on clock: WallClock) -> Int? {
        var earliest: Int?
        var minute = firstMinuteOfDay(from: 0)
        while let current = minute {
            let instants = clock.instants(showing: dayNumber * WallClock.secondsPerDay + current * 60)
            for candidate in isEveryHour ? instants : Array(instants.prefix(1)) where candidate > instant {
                earliest = min(candidate, earliest ?? candidate)
            }
            minute = firstMinuteOfDay(from: current + 1)
        }
        return earliest
    }
}
