/// Forecasts of days to three months: trend, daily and weekly waves, business calendar.
///
/// A series of hourly means, as the fleet store keeps them for 35 days, becomes an
/// [io.novacron.inference.outlook.Outlook]: what each coming hour will be like, how sure that is,
/// and when a limit is reached. Nothing is kept between calls.
@NullMarked
package io.novacron.inference.outlook;

import org.jspecify.annotations.NullMarked;
